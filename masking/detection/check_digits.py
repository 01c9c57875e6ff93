"""Check digits of identifiers. Each takes the compact, upper-case identifier and tells whether its digits fit.

A wrong check digit is no acquittal: a mistyped number is somebody's all the same. It only makes a finding less sure.
"""

from calendar import monthrange
from operator import mul

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# GB/T 2260, and 91 of foreign permanent residents.
_PROVINCES = frozenset(
    {
        11,
        12,
        13,
        14,
        15,
        21,
        22,
        23,
        31,
        32,
        33,
        34,
        35,
        36,
        37,
        41,
        42,
        43,
        44,
        45,
        46,
        50,
        51,
        52,
        53,
        54,
        61,
        62,
        63,
        64,
        65,
    }
    | {71, 81, 82, 83, 91}
)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_TAIWAN_LETTERS = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def resident_id(number: str) -> bool:
    """GB 11643: 18 characters, ISO/IEC 7064 MOD 11-2."""
    return "10X98765432"[sum(map(mul, _ID_WEIGHTS, map(int, number[:17]))) % 11] == number[17]


def born_in_china(number: str) -> bool:
    """Whether a resident ID of 18 or 15 characters names a province and a day that there was (GB/T 2260, GB 11643)."""
    if int(number[:2]) not in _PROVINCES:
        return False
    day = number[6:14] if len(number) == 18 else f"19{number[6:12]}"
    return is_day(day) and "1850" <= day[:4] <= "2100"


def is_day(day: str) -> bool:
    """Whether eight digits are a date, year first."""
    year, month, number = int(day[:4]), int(day[4:6]), int(day[6:])
    return year > 0 and 1 <= month <= 12 and 1 <= number <= monthrange(year, month)[1]


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B: bank cards and IMEI."""
    doubled = "0246813579"
    return (sum(map(int, number[-1::-2])) + sum(int(doubled[int(digit)]) for digit in number[-2::-2])) % 10 == 0


def credit_code(code: str) -> bool:
    """GB 32100: unified social credit code, 18 characters, modulo 31."""
    weights = [pow(3, place, 31) for place in range(17)]
    total = sum(weight * _CREDIT_ALPHABET.index(one) for weight, one in zip(weights, code, strict=False))
    return _CREDIT_ALPHABET[-total % 31] == code[17]


def hong_kong_id(number: str) -> bool:
    """One or two letters, six digits and the check character, modulo 11; one letter counts as after a space worth 36."""
    values = [36] * (9 - len(number)) + [int(one, 36) for one in number[:-1]]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return "0123456789A"[-total % 11] == number[-1]


def taiwan_id(number: str) -> bool:
    """A letter, which stands for two digits, and nine digits, modulo 10; of residents and of foreigners."""
    head = _TAIWAN_LETTERS.index(number[0]) + 10
    weights = (8, 7, 6, 5, 4, 3, 2, 1, 1)
    total: int = head // 10 + head % 10 * 9 + sum(map(mul, weights, map(int, number[1:])))
    return total % 10 == 0
