"""Names of people are found in running text, simplified and traditional, and what is said of other things is left alone."""

import json
import struct
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from masking.detection.scanning import Scanner
from masking.detection.span import Span
from masking.finding import Finder, NamesBusyError
from masking.names import labelling
from masking.names.building import ARCHIVES
from masking.names.chain import Chain
from masking.names.finding import NamesHere
from masking.names.fluid import NotATensorError, read_tensor
from masking.names.pool import NamesPool


@pytest.fixture(scope="module")
def here() -> NamesHere:
    return NamesHere()


@pytest.fixture
def pool() -> Iterator[NamesPool]:
    made = NamesPool(size=1, patience=0.0)
    yield made
    made.close()


SAID = [
    ("昨天张建国把包裹交给了李晓梅。", ["张建国", "李晓梅"]),
    ("王小明说他住在上海。", ["王小明"]),
    ("欧阳娜娜在北京演出", ["欧阳娜娜"]),
    ("請把外賣交給陳志明,他在三樓。", ["陳志明"]),
    ("記者劉麗華報導", ["劉麗華"]),
    ("包裹给张\u200b建国了", ["张\u200b建国"]),
]
NO_NAMES = [
    "味道很好,分量足,送得快。",
    "要一份宫保鸡丁和王老吉,少放辣",
    "麻婆豆腐有点咸,下次不点了",
    "麻烦师傅放门口,谢谢",
    "",
    "🙂🙂",
]


@pytest.mark.parametrize(("text", "names"), SAID)
def test_a_name_is_found_whole(here: NamesHere, text: str, names: list[str]) -> None:
    (spans,) = here.names([text])
    assert [text[span.start : span.end] for span in spans if span.kind == "name"] == names


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("王小明说他住在上海。", ["上海"]),
        ("欧阳娜娜在北京演出", ["北京"]),
        ("記者劉麗華從香港報導", ["香港"]),
        ("北京的外卖很好吃", []),
        ("地址是杭州市文三路918号***", []),
    ],
)
def test_a_place_is_found_unless_food_or_a_mask_is_named_after_it(
    here: NamesHere, text: str, places: list[str]
) -> None:
    (spans,) = here.names([text])
    assert [text[span.start : span.end] for span in spans if span.kind == "place"] == places


def test_an_address_goes_before_the_places_in_it(here: NamesHere) -> None:
    text = "他住在浙江省杭州市西湖区文三路918号3幢201室"
    (spans,) = Finder(Scanner(), here).find([text])
    assert spans is not None
    assert [(span.kind, text[span.start :]) for span in spans] == [("address", text[3:])]


@pytest.mark.parametrize("text", NO_NAMES)
def test_dishes_brands_and_thanks_are_no_names(here: NamesHere, text: str) -> None:
    assert here.names([text]) == [[]]


def test_a_batch_says_of_each_text_what_it_says_of_it_alone(here: NamesHere) -> None:
    texts = [text for text, _ in SAID] + NO_NAMES
    assert [_places(one) for one in here.names(texts)] == [_places(here.names([text])[0]) for text in texts]


def _places(spans: list[Span]) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in spans]


@pytest.mark.parametrize("unit", ["张", "王小明", "a", "。", "\u200b", "张,"])
def test_a_long_text_is_read_in_pieces_that_keep_their_places(here: NamesHere, unit: str) -> None:
    text = (unit * 3_000)[:3_000]
    end = 0
    for span in here.names([text])[0]:
        assert end <= span.start < span.end <= len(text)
        end = span.end


ANNOUNCED = [
    ("收件人:张三丰,电话13812345678", ["张三丰"]),
    ("聯絡人 陳志明 0912345678", ["陳志明"]),
    ("我叫赵六。", ["赵六"]),
    ("请找王先生,谢谢", ["王先生"]),
    ("姓名:欧阳修 ", ["欧阳修"]),
]


@pytest.mark.parametrize(("text", "names"), ANNOUNCED)
def test_without_the_labellers_names_that_announce_themselves_are_found(text: str, names: list[str]) -> None:
    (spans,) = Finder(Scanner()).find([text])
    assert spans is not None
    assert [text[span.start : span.end] for span in spans if span.kind == "name"] == names


@pytest.mark.parametrize("text", ["谢谢师傅", "和老板说一声", "我叫了外卖", "联系商家", "李先生牛肉面"[3:], "高总分"])
def test_without_the_labellers_little_else_is_taken_for_a_name(text: str) -> None:
    assert Finder(Scanner()).find([text]) == [[]]


def test_names_and_numbers_of_one_text_come_in_order(here: NamesHere) -> None:
    text = "张建国13812345678李晓梅"
    (spans,) = Finder(Scanner(), here).find([text])
    assert spans is not None
    assert [(span.kind, text[span.start : span.end]) for span in spans] == [
        ("name", "张建国"),
        ("phone", "13812345678"),
        ("name", "李晓梅"),
    ]


def test_other_processes_find_the_same_names(here: NamesHere, pool: NamesPool) -> None:
    texts = [*(text for text, _ in SAID), *NO_NAMES, "\ud83d张建国到了"]
    assert pool.names(texts) == here.names(texts)


def test_whoever_finds_all_processes_at_work_is_told(pool: NamesPool) -> None:
    pool._free.get()
    with pytest.raises(NamesBusyError):
        pool.names(["张建国到了"])
    pool._free.put(None)


def test_after_a_process_died_another_one_answers(pool: NamesPool) -> None:
    (found,) = pool.names(["张建国到了"])
    assert found
    (process,) = pool._started
    process.kill()
    process.wait()
    assert pool.names(["张建国到了"]) == [found]


def test_a_closed_pool_starts_nobody(pool: NamesPool) -> None:
    pool.close()
    with pytest.raises(NamesBusyError):
        pool.names(["张建国到了"])


def test_a_stretch_is_as_likely_as_the_sum_of_all_labellings_that_name_it() -> None:
    numbers = np.random.default_rng(7)
    begins, ends, moves = (np.exp(numbers.normal(size=shape)).astype(np.float32) for shape in ((3,), (3,), (3, 3)))
    emissions = numbers.normal(size=(5, 1, 3)).astype(np.float32)
    chain = Chain(begins, ends, moves, {"name": ((0, 1),)})
    found = chain.stretches(emissions, np.array([5], np.int32))[0]["name"]
    weights: dict[tuple[int, int], float] = {}
    total = 0.0
    for labels in product(range(3), repeat=5):
        weight = float(begins[labels[0]] * ends[labels[-1]])
        weight *= float(np.prod([moves[one, other] for one, other in pairwise(labels)]))
        weight *= float(np.exp(sum(emissions[place, 0, label] for place, label in enumerate(labels))))
        total += weight
        for start in (place for place, label in enumerate(labels) if label == 0):
            end = next((place for place in range(start + 1, 5) if labels[place] != 1), 5)
            weights[start, end] = weights.get((start, end), 0.0) + weight
    assert found
    for span, likely in found.items():
        assert likely == pytest.approx(weights[span] / total, rel=1e-3)


def _tensor(numbers: list[float], description: bytes) -> bytes:
    head = struct.pack("<IQI", 0, 0, 0) + struct.pack("<I", len(description)) + description
    return head + struct.pack(f"<{len(numbers)}f", *numbers)


def test_parameters_are_read_as_they_were_written() -> None:
    octets = _tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], b"\x08\x05\x10\x02\x10\x03")
    assert read_tensor(octets).tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x80\x04}q\x00." * 8,
        _tensor([1.0], b"\x08\x06\x10\x01"),
        _tensor([1.0], b"\x08\x05\x10\x02"),
        _tensor([1.0], b"\x08\x05\x10\xff"),
        _tensor([1.0], b"\x08\x05\x10\x01")[:-1],
    ],
)
def test_what_is_no_file_of_numbers_is_refused(octets: bytes) -> None:
    with pytest.raises(NotATensorError):
        read_tensor(octets)


def test_what_presidio_finds_is_what_the_fast_path_finds(here: NamesHere) -> None:
    plugin = pytest.importorskip("masking.recognizers.plugin")
    finder = Finder(Scanner(), here)
    recognizer = plugin.MoatRecognizer(finder=finder)
    texts = [text for text, _ in (*SAID, *ANNOUNCED)] + ["电话138-1234-5678,邮箱abc@qq.com", "🙂e\u0301 13812345678"]
    for text, spans in zip(texts, finder.find(texts), strict=True):
        assert spans is not None
        found = recognizer.analyze(text, recognizer.supported_entities)
        assert [(one.start, one.end, one.score) for one in found] == [(one.start, one.end, one.score) for one in spans]


def test_the_labellers_know_where_their_numbers_come_from() -> None:
    folder = Path(labelling.__file__).parent
    origins = [
        onnxruntime.InferenceSession(folder / f"labeller_{place}.onnx").get_modelmeta().custom_metadata_map["origin"]
        for place in range(3)
    ]
    assert json.dumps(origins) == json.dumps([f"{name} sha256:{digest}" for name, digest in ARCHIVES.items()])
