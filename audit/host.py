"""The log as an operator at its host works on it."""

from collections.abc import Callable
from dataclasses import dataclass

from audit.checkpoint import ED25519, VerifierKey
from audit.entry import Actor
from audit.errors import RefusedError
from audit.export import key_name
from audit.numbering import Head
from audit.ports import LogKeys
from audit.restart import Restart
from audit.store import HEAD
from database.engine import Database

DECIDING_ROLES = frozenset({"operator", "admin", "privacy_officer"})
"""Who may decide that a log ends and another begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHost:
    """A deployment's log, opened at its host. `export_keys` sign its exports, `holder` tells whose credential a text is, and
    `rotate` and `rotate_export` make the next key."""

    database: Database
    keys: LogKeys
    export_keys: LogKeys
    restart: Restart
    holder: Callable[[str], Actor | None]
    rotate: Callable[[], bytes]
    rotate_export: Callable[[], bytes]

    def verifier_keys(self, *, export: bool = False) -> list[tuple[VerifierKey, bool]]:
        """The verifier keys of the present log or of its exports, the newest first, and which of them sign now.

        Raises:
            RefusedError: there is no log yet.
        """
        row = self.database.read(None, lambda tx: tx.one(HEAD))
        if row is None:
            raise RefusedError("there is no log yet: it begins when moat serve runs for the first time")
        origin = Head(*row).origin
        name, keys = (key_name(origin), self.export_keys) if export else (origin, self.keys)
        signing = {signer.public for signer in (keys.signers()[:1] if export else keys.signers())}
        return [(VerifierKey(name, ED25519, public), public in signing) for public in keys.publics()]

    def decider(self, presented: str) -> Actor:
        """Whose credential this is, if they may decide about the log.

        Raises:
            RefusedError: it does not work, or its role may not.
        """
        actor = self.holder(presented.strip())
        if actor is None:
            raise RefusedError("a credential does not work")
        if actor.role not in DECIDING_ROLES:
            raise RefusedError(f"a restart is decided by credentials of the roles {', '.join(sorted(DECIDING_ROLES))}")
        return actor
