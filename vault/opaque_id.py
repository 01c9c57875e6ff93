"""Whether an id that should say nothing about a person is one of the person's numbers.

Ids of the platform (subjects, refs) are kept and logged as they are, so they must not be phones, resident identity
numbers, cards or e-mail addresses. Refusing an ordinary id would lock a customer out for good, so the rules are chosen
for rare false alarms among ids that are bare digits:

- A mainland mobile is eleven digits from 13 to 19, alone between non-digits, or written 3-4-4 with a country code or
  separators. A counter in that very range is refused: nothing tells it from a phone. 154 is the range of our own tokens.
- A phone of Hong Kong, Macao or Taiwan needs its country code (or Taiwan's 09), all others `+`;
  a landline needs the hyphen after its area code and no date behind it (`shop-0429-20261122`).
- A resident number needs its place, its date and its check character: 1 in 200,000 of random 18-digit ids has them.
  The 15-digit form has no check character, every 80th random number would be one, and nobody has used it since 2013.
- A card needs its Luhn digit and an issuer range of its very length. Luhn alone would refuse every tenth snowflake id;
  these have 18 digits, or 19 from 1 or 2, where no network issues cards.
- UUIDs and hexadecimal digests are taken out first: their digits mean nothing.
"""

import re
import unicodedata

from vault.identifiers import payment_card, resident_identity

# Everything below needs one of these; nearly all ids have none, and are done after one scan.
_SUSPECT = re.compile(r"[@+]|\d(?:[ ._:-]?\d){9}|\.(?:com|cn|net|org)(?![0-9a-z])", re.ASCII | re.IGNORECASE)

_DIGEST = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\d*[a-f])[0-9a-f]{24,64})(?![0-9a-z])",
    re.ASCII | re.IGNORECASE,
)
_MAIL = re.compile(
    r"@|(?:^|[._:-])(?:qq|foxmail|163|126|139|189|sina|sohu|aliyun|gmail|outlook|hotmail|live|icloud|yahoo)"
    r"\.(?:com|cn|net)(?![0-9a-z])",
    re.ASCII | re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<!\d)(?:"
    r"(?:(?:00)?86[ ._:-]?)?1(?!54)[3-9]\d[ ._-]?\d{4}[ ._-]?\d{4}"
    r"|(?:00)?852[ ._-]?[4-79]\d{3}[ ._-]?\d{4}|(?:00)?853[ ._-]?6\d{3}[ ._-]?\d{4}"
    r"|(?:(?:00)?886[ ._-]?0?|0)9\d{2}[ ._-]?\d{3}[ ._-]?\d{3}"
    r"|(?:(?:00)?86[ ._-]?0?|0)(?:10|2\d|[3-9]\d{2})-(?!20\d\d[01]\d[0-3]\d)[2-9]\d{2,3}-?\d{4}"
    r"|1-[2-9]\d{2}-[2-9]\d{2}-\d{4}"
    r")(?!\d)|\+(?:[ ._()-]?\d){7,15}(?!\d)",
    re.ASCII,
)
_LONG_NUMBER = re.compile(r"(?<!\d)\d(?:[ ._:-]?\d){14,18}(?!\d)", re.ASCII)
_RESIDENT = re.compile(r"(?<!\d)\d{17}[0-9Xx](?![0-9])", re.ASCII)
_SEPARATOR = re.compile(r"[ ._:-]")


def reads_as_personal(text: str) -> bool:
    """Whether a subject id or ref reads as a phone, a resident number, a card number or an e-mail address.

    True for a hint anywhere in the text, as in `u-13812345678`. Any text is answered, in linear time.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if _SUSPECT.search(text) is None:
        return False
    text = _DIGEST.sub("", text)
    return bool(_MAIL.search(text) or _PHONE.search(text)) or _has_resident_number(text) or _has_card_number(text)


def _has_resident_number(text: str) -> bool:
    numbers = (match[0].upper() for match in _RESIDENT.finditer(text))
    return any(
        resident_identity.has_known_place(number)
        and resident_identity.has_birth_date(number)
        and number[17] == resident_identity.check_character(number)
        for number in numbers
    )


def _has_card_number(text: str) -> bool:
    numbers = (_SEPARATOR.sub("", match[0]) for match in _LONG_NUMBER.finditer(text))
    return any(payment_card.is_issued_range(digits) and payment_card.has_luhn_digit(digits) for digits in numbers)
