"""What the handover refuses beside the vault's own refusals."""

from vault.errors import VaultError


class PickupRefusedError(VaultError):
    """A pick-up code is wrong, or none is taken any more. One answer for both, so that it tells nothing of the right one."""

    code = "pickup_refused"


class TableRefusedError(VaultError):
    """A table of the handover may not be used; `detail` says at which field and why, and never what stands there."""

    code = "handover_table"

    def __init__(self, detail: str) -> None:
        super().__init__()
        self.detail = detail


class ShiftRulesRefusedError(VaultError):
    """Rules of shifts may not be used; `detail` says at which field and why, and never what stands there."""

    code = "shift_rules"

    def __init__(self, detail: str) -> None:
        super().__init__()
        self.detail = detail
