"""What is kept of people beside the vault's records, as policies and holds speak of it."""

from collections.abc import Sequence
from typing import Final

from dsar.retention.ports import Keeper
from masking.relay.kept.uses import BindingUses, CallUses
from vault.identifier import KINDS

KEEPERS: Final[Sequence[Keeper]] = (CallUses(), BindingUses())
"""A keeper's place here is in plans that were made: new ones come last."""

KEPT_KINDS: Final = frozenset(KINDS) | {kind for keeper in KEEPERS for kind in keeper.kinds}
"""The kinds of values, and what keepers have beside them."""
