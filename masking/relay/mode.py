"""Ways in which numbers stand between people, and what each needs.

AXB     A and B both dial X, and both see X
AXYB    A sees and dials Y, B sees and dials X
AXN     whoever dials X reaches A; A dials X and reaches B, if there is one
AXE     as AXN, but X has many A, and who dials it gives an extension
AX      A dials X and reaches whom the platform names for the next call; whoever dials X reaches A
GXB     a group behind X: each member dials X and reaches B; B dials X and reaches A, the member who is in charge
GXYB    the same, where the members see and dial Y
"""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """The modes of China's number protection service, and those of carriers elsewhere."""

    AXB = "axb"
    AXYB = "axyb"
    AXN = "axn"
    AXE = "axe"
    AX = "ax"
    GXB = "gxb"
    GXYB = "gxyb"

    @property
    def has_extension(self) -> bool:
        """Whether who dials X says whom they want."""
        return SHAPES[self].has_extension

    @property
    def is_exclusive(self) -> bool:
        """Whether X is for one binding alone."""
        return SHAPES[self].exclusive


class Side(StrEnum):
    """Who dials: A, B, a member of the group, or anybody."""

    A = "a"
    B = "b"
    MEMBER = "member"
    ANYBODY = "anybody"


class Direction(StrEnum):
    """Who may begin a call."""

    BOTH = "both"
    A = "a"
    B = "b"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a binding of a mode is made of: whether there is a B (None: there may be one), a group, a second number, an extension,
    and whether X is for one binding alone."""

    has_b: bool | None
    has_group: bool = False
    has_y: bool = False
    has_extension: bool = False
    exclusive: bool = False


SHAPES: dict[Mode, Shape] = {
    Mode.AXB: Shape(has_b=True),
    Mode.AXYB: Shape(has_b=True, has_y=True),
    Mode.AXN: Shape(has_b=None, exclusive=True),
    Mode.AXE: Shape(has_b=None, has_extension=True),
    Mode.AX: Shape(has_b=None, exclusive=True),
    Mode.GXB: Shape(has_b=True, has_group=True),
    Mode.GXYB: Shape(has_b=True, has_group=True, has_y=True),
}
