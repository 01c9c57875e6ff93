"""Notices: what a person is told before a use of their data, in each language, named by the digest of its exact octets.

The text of a notice is its title, an empty line, and its sections, each a heading and a paragraph, divided by empty lines. Lines
end with U+000A, the last one too. Its digest is the SHA-256 of its UTF-8 octets: what a person saw is recoverable to the byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from consent.locale import Locale


class Section(StrEnum):
    """The parts of a notice in the order in which they are read.

    All but three stand in every notice (PIPL art. 17; Network Data Security Regulations art. 21). NECESSITY is there for
    sensitive data (PIPL art. 30), SEPARATE where a consent of its own is asked for (art. 23, 25, 26, 29, 39) and ABROAD where
    data leave the country (art. 39).
    """

    WHAT = "what"
    WHY = "why"
    NECESSITY = "necessity"
    RECIPIENTS = "recipients"
    ABROAD = "abroad"
    RETENTION = "retention"
    SEPARATE = "separate"
    WITHDRAWAL = "withdrawal"
    MINORS = "minors"
    CONTACT = "contact"


@dataclass(frozen=True)
class NoticeText:
    """One wording. `title` is its first line."""

    locale: Locale
    title: str
    text: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text's UTF-8 octets, in hexadecimal."""
        return sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A version of a purpose's notice. A `material` one changes what was consented to, so that consents to versions before it
    are stale (PIPL art. 14). `change` tells the operator's own people what has changed."""

    purpose: str
    version: int
    material: bool
    change: str
    texts: Mapping[Locale, NoticeText]


def composed(locale: Locale, title: str, sections: Sequence[tuple[str, str]]) -> NoticeText:
    """The wording of a title and (heading, paragraph) pairs in reading order."""
    parts = [title, *(f"{heading}\n{paragraph}" for heading, paragraph in sections)]
    return NoticeText(locale, title, "\n\n".join(parts) + "\n")
