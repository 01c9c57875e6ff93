"""Redaction of made-up delivery notes on one core, with and without names, against presidio; and masks of values."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from bench.figure import Figure, alternate
from bench.plan import Sizes
from masking.detection.scanning import Scanner
from masking.finding import Finder
from masking.mask import mask_many
from masking.names.finding import NamesHere
from masking.redaction import Mode, Redactor

PRESIDIO = "presidio_analyzer"
TEXTS = 20_000
SLOW_TEXTS = 1_000
VALUES = 200_000
NAMED_GOAL = 1_000.0
MASKED_GOAL = 1_000_000.0
_SEED = 7

_PHRASES = (
    "味道很好", "送得很快", "分量有点少", "包装完好", "骑手态度不错", "汤有点咸", "下次还会点",
    "米饭有点硬", "比昨天好吃", "等了四十分钟", "麻烦放门口", "不要香菜", "多放点辣", "电梯坏了走楼梯",
    "到了打电话", "谢谢师傅", "门卫不让进", "少放盐", "筷子没给", "价格实惠", "同事都说好",
    "鸡肉很嫩", "青菜不新鲜", "满30减5很划算", "送到前台就行", "第3次点了", "下午2点前送到", "奶茶洒了一点",
)  # fmt: skip
_PERSONAL = ("电话138{:08}", "加微信wx_{:08}", "打17{:09}", "王小明收")
_PERSONAL_SHARE = 0.005


def texts(count: int) -> list[str]:
    """Notes of 30 to 80 characters, as reviews are, five in a thousand with something personal."""
    numbers = np.random.default_rng(_SEED)
    made = []
    for _ in range(count):
        phrases = [_PHRASES[place] for place in numbers.integers(0, len(_PHRASES), numbers.integers(6, 12))]
        if numbers.random() < _PERSONAL_SHARE:
            phrases[0] = _PERSONAL[numbers.integers(0, len(_PERSONAL))].format(numbers.integers(0, 10**8))
        made.append(",".join(phrases))
    return made


def redact(sizes: Sizes) -> Iterator[Figure]:
    """Texts a second without names; beside presidio with what it knows of Chinese, if that is installed."""
    redactor, some = Redactor(Finder(Scanner())), texts(TEXTS)
    ours = _speed(lambda: redactor.redact(some, Mode.MASK, names=False), TEXTS)
    if find_spec(PRESIDIO) is None:
        yield Figure(
            name="redact", backend="-", value=max(ours() for _ in range(sizes.rounds)), unit="texts/s", goal=20
        )
        return
    compared = alternate(ours, _presidio(some[:SLOW_TEXTS]), sizes.rounds)
    yield Figure(
        name="redact", backend="-", value=compared.ours, unit="texts/s",
        yardstick=f"presidio {compared.yardstick:,.0f}", ratio=compared.ratio, goal=20,
    )  # fmt: skip


def redact_names(sizes: Sizes) -> Iterator[Figure]:
    """Texts a second with the labellers looking for names in every one."""
    redactor, some = Redactor(Finder(Scanner(), NamesHere())), texts(TEXTS // 5)
    measured = _speed(lambda: redactor.redact(some, Mode.MASK), len(some))
    best = max(measured() for _ in range(sizes.rounds))
    yield Figure(
        name="redact_names", backend="-", value=best, unit="texts/s", yardstick="1,000 texts/s",
        ratio=best / NAMED_GOAL, goal=1,
    )  # fmt: skip


def mask(sizes: Sizes) -> Iterator[Figure]:
    """Values a second in batches of one kind, the slowest of the usual ones."""
    numbers = np.random.default_rng(_SEED).integers(0, 10**8, VALUES).tolist()
    made: dict[str, Callable[[int], str]] = {
        "phone": lambda number: f"138{number:08}",
        "name": lambda number: "张王李赵"[number % 4] + "小明",
        "email": lambda number: f"user{number}@example.com",
        "id_card": lambda number: f"1101051990{number % 10**7:07}X",
        "license_plate": lambda number: f"沪A{number % 10**5:05}",
        "geo": lambda number: f"{18 + number % 36}.{number % 10**6:06},{73 + number % 63}.{number % 10**5:05}",
        "bank_card": lambda number: f"62220200000{number:08}",
    }
    speeds: dict[str, float] = {}
    for kind, value in made.items():
        items = [(kind, value(number)) for number in numbers]
        measured = _speed(partial(mask_many, items), VALUES)
        speeds[kind] = max(measured() for _ in range(sizes.rounds))
    slowest = min(speeds, key=lambda kind: speeds[kind])
    yield Figure(
        name=f"mask {slowest}", backend="-", value=speeds[slowest], unit="values/s", yardstick="1 M values/s",
        ratio=speeds[slowest] / MASKED_GOAL, goal=1,
    )  # fmt: skip


def _speed(work: Callable[[], object], count: int) -> Callable[[], float]:
    """Items a second of the processor's time: other programs share the machine."""

    def measured() -> float:
        started = time.process_time()
        work()
        return count / (time.process_time() - started)

    return measured


def _presidio(some: Sequence[str]) -> Callable[[], float]:
    """Presidio without a model, with the recognizers that it has for Chinese, as its documentation sets it up."""
    analyzer, engines = import_module(PRESIDIO), import_module(f"{PRESIDIO}.nlp_engine")
    nlp = engines.NoOpNlpEngine(models=[{"lang_code": "zh", "model_name": "no_op"}])
    nlp.load()
    registry = analyzer.RecognizerRegistry(supported_languages=["zh"])
    registry.load_predefined_recognizers(languages=["zh"])
    registry.remove_recognizer("SpacyRecognizer")
    engine = analyzer.AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=["zh"])
    return _speed(lambda: [engine.analyze(text, "zh") for text in some], len(some))
