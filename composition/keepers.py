"""What is kept of people beside the vault's records, as policies and holds speak of it."""

from collections.abc import Sequence
from typing import Final

from composition.held_uses import HeldUses
from dsar.holds.asking import Holds
from dsar.retention.ports import Keeper
from masking.relay.kept.uses import BindingUses, CallUses
from vault.identifier import KINDS
from vault.letters.kept import LetterUses
from vault.pictures.kept import PictureUses
from vault.traces.kept import TraceUses

KEEPERS: Final[Sequence[Keeper]] = (
    CallUses(),
    BindingUses(),
    PictureUses(),
    TraceUses(),
    LetterUses(HeldUses(Holds())),
)
"""A keeper's place here is in plans that were made: new ones come last."""

WHOLE_KINDS: Final = frozenset(kind for keeper in KEEPERS for kind in keeper.kinds)
"""What keepers have: it ends or stays, and is never only stored."""

KEPT_KINDS: Final = frozenset(KINDS) | WHOLE_KINDS
"""The kinds of values, and what keepers have beside them."""
