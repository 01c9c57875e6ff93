"""Written by `masking.names.fitting`: how much the judge of names makes of each thing it knows."""

from typing import Final

THRESHOLD: Final = 0.11

WEIGHTS: Final = {
    "1 characters": -0.8090,
    "2 characters": -0.1291,
    "3 characters": 1.0048,
    "4 characters": 0.1299,
    "about deliveries": -0.5185,
    "addressed": 1.2657,
    "constant": -1.0345,
    "dotted": 1.5337,
    "edible": -1.1370,
    "familiar": 0.0752,
    "first": -0.0652,
    "labeller 0": 0.5575,
    "labeller 1": 0.3619,
    "labeller 2": 0.4301,
    "last": -0.0706,
    "least sure": -0.2928,
    "listed": 0.1798,
    "many characters": 0.0717,
    "not Chinese": 0.1402,
    "repeats": -0.3074,
    "surest": -0.0383,
    "surest about deliveries": -0.0320,
    "surname": 0.1059,
    "titled": -2.3396,
}
