"""Who may not reach whom: a person another, a person anybody of the tenant, anybody a person, and either on one number only."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.entry import Act, Action, Group, Outcome, Reason
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Transaction
from masking.relay import store
from masking.relay.bound import By
from masking.relay.errors import BlockNotFoundError, ModeFieldsError, NumberNotFoundError, PartyError
from masking.relay.people import Known, known_people
from masking.relay.ports import CallRecords, Directories, Directory, PartyName
from work.replay import Replay

ANYBODY = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBlock:
    """A block to be set. Without a caller or a callee it is of all callers or callees; `number` is the text of a relay number,
    None for all; `until` in milliseconds since the epoch, None for good."""

    caller: PartyName | None
    callee: PartyName | None
    number: str | None
    both_ways: bool
    reason: str
    until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block that there is: of a caller, of a callee, on a number."""

    id: int
    of_caller: bool
    of_callee: bool
    number: str | None
    reason: str
    until: int | None
    created_at: int


class Blocking:
    """The use cases around blocks."""

    def __init__(self, database: Database, directories: Directories, log: AuditLog, records: CallRecords) -> None:
        self._database = database
        self._directories = directories
        self._log = log
        self._records = records

    def block(self, by: By, wanted: NewBlock, replay: Replay | None = None) -> list[int]:
        """Set a block; its id, and that of the other way where both ways are meant.

        Raises:
            ModeFieldsError: a block of nobody and nothing, or both ways of one.
            PartyError: somebody is not known, or cannot be called anyway.
            NumberNotFoundError: no such relay number.
            IdempotencyMismatchError: `replay` belongs to another block.
        """
        if wanted.caller is None and wanted.callee is None and wanted.number is None:
            raise ModeFieldsError("caller")
        if wanted.both_ways and (wanted.caller is None or wanted.callee is None):
            raise ModeFieldsError("both_ways")

        def attempt(directory: Directory) -> list[int]:
            def work(tx: Transaction) -> list[int]:
                earlier = None if replay is None else replay.earlier(tx, directory.mac, by.at)
                if earlier is not None:
                    return [int(one) for one in earlier]
                made = self._block(tx, directory, by, wanted)
                if replay is not None:
                    replay.keep(tx, directory.mac, list(made), by.at)
                return made

            return self._database.write(by.tenant, work)

        return self._directories.using(by.tenant, attempt)

    def blocks(self, tenant: int, *, after: int, limit: int) -> list[Block]:
        """Blocks in the order in which they were set, from behind the one with the id `after`."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.BLOCKS, tenant=tenant, after=after, limit=limit))
        return [
            Block(
                id=number,
                of_caller=caller > 0,
                of_callee=callee > 0,
                number=value,
                reason=reason,
                until=until,
                created_at=created_at,
            )
            for number, caller, callee, value, reason, until, created_at in rows
        ]

    def unblock(self, by: By, block: int) -> None:
        """Lift a block. Raises BlockNotFoundError."""

        def work(tx: Transaction) -> None:
            if not tx.run(store.DELETE_BLOCK, tenant=by.tenant, id=block):
                raise BlockNotFoundError
            self._note(tx, by, Action.RELAY_UNBLOCK, [block])

        self._database.write(by.tenant, work)

    def _block(self, tx: Transaction, directory: Directory, by: By, wanted: NewBlock) -> list[int]:
        named = {"caller": wanted.caller, "callee": wanted.callee}
        asked = {field: name for field, name in named.items() if name is not None}
        known = known_people(tx, directory, by, list(asked.values()), even_frozen=True)
        prints = {"caller": ANYBODY, "callee": ANYBODY}
        for field, name in asked.items():
            one = known[name]
            if not isinstance(one, Known):
                raise PartyError(field, one.value if isinstance(one, Reason) else "unknown")
            prints[field] = one.party.fingerprint
        number = self._number(tx, by, wanted.number)
        ways = [(prints["caller"], prints["callee"])]
        if wanted.both_ways:
            ways.append((prints["callee"], prints["caller"]))
        ids = list(tx.reserve("relay_block", len(ways)))
        tx.insert(
            store.INSERT_BLOCKS,
            [
                (one, by.tenant, caller, callee, number, wanted.reason, wanted.until, by.at)
                for one, (caller, callee) in zip(ids, ways, strict=True)
            ],
        )
        for way in ways:
            self._records.blocked(tx, by.tenant, way, number, by.at)
        self._note(tx, by, Action.RELAY_BLOCK, ids)
        return ids

    def _number(self, tx: Transaction, by: By, value: str | None) -> int:
        if value is None:
            return 0
        row = tx.one(store.NUMBER_ID, tenant=by.tenant, value=value)
        if row is None:
            raise NumberNotFoundError
        return int(row[0])

    def _note(self, tx: Transaction, by: By, action: Action, rows: Sequence[int]) -> None:
        group = Group(Outcome.DONE, rows=rows)
        self._log.append(tx, Act(action, by.actor, by.tenant, by.at, by.request, [group]))
