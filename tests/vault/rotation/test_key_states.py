"""Whatever is rotated, cut off, destroyed and written in whatever order, versions go from active to decrypt-only to destroyed and
never back, each key has one active version, the highest, and every value is read."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.strategies import booleans, integers, sampled_from
from sqlalchemy import make_url

from database.engine import Database
from migrations import schema
from tests.support.clock import Clock
from tests.support.rotations import ALL, People, Rotations
from tests.support.vault import Gates, Vault, submitted
from vault.errors import KeyInUseError, KeyIsActiveError, NotFoundError
from vault.rotation.asking import Rotated

USAGES = ("kek", "token", "search", "format")
ORDER = ("active", "decrypt-only", "destroyed")


class KeyStates(RuleBasedStateMachine):
    """A deployment of two processes; the one that does not rotate keeps what it has in memory."""

    @initialize()
    def start(self) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="moat-key-states-"))
        url = f"sqlite:///{self.place / 'moat.db'}"
        schema.migrate(make_url(url))
        self.database = Database(url)
        self.rotations = Rotations(Vault(self.database, self.place / "keys", Clock(), Gates()))
        self.other = self.rotations.vault.another_process()
        self.people = People({})
        self.seen: dict[tuple[str, str, int], str] = {}

    @rule(person=integers(0, 3), preserving=booleans(), elsewhere=booleans())
    def write(self, person: int, *, preserving: bool, elsewhere: bool) -> None:
        value = f"138{len(self.people.tokens):08}"
        item = submitted(value, subject=f"cust-{person}", format="preserving" if preserving else "opaque")
        self.people.tokens[value] = (self.other if elsewhere else self.rotations.vault).token(item)

    @rule(key=sampled_from(ALL), steps=integers(0, 6), destroy=booleans())
    def rotate(self, key: Rotated, steps: int, *, destroy: bool) -> None:
        params = {"destroy": True} if destroy and key in {Rotated.KEK, Rotated.TOKEN} else {}
        for number, _ in enumerate(self.rotations.steps(self.rotations.job(key, **params))):
            if number >= steps:
                return

    @rule(usage=sampled_from(USAGES), place=integers(0, 20))
    def end(self, usage: str, place: int) -> None:
        versions = self.rotations.states(usage)
        if versions:
            scope, version, state = versions[place % len(versions)]
            try:
                assert self.rotations.end(usage, version, scope) == (state == "decrypt-only")
            except KeyIsActiveError:
                assert state == "active"
            except KeyInUseError:
                assert state == "decrypt-only"
            except NotFoundError:
                raise AssertionError("a version that is listed is not found") from None

    @rule()
    def restart(self) -> None:
        self.rotations = self.rotations.another_process()

    @invariant()
    def states_only_go_forward(self) -> None:
        for usage in USAGES:
            active: dict[str, int] = {}
            latest: dict[str, int] = {}
            for scope, version, state in self.rotations.states(usage):
                before = self.seen.get((usage, scope, version), state)
                assert ORDER.index(before) <= ORDER.index(state)
                self.seen[usage, scope, version] = state
                latest[scope] = version
                if state == "active":
                    assert scope not in active
                    active[scope] = version
            assert active == latest

    @invariant()
    def every_value_is_read_and_found(self) -> None:
        for vault in (self.rotations.vault, self.other):
            assert self.people.unread(vault) == {}
            assert self.people.unfound(vault) == []

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.dispose()
            shutil.rmtree(self.place)


KeyStates.TestCase.settings = settings(max_examples=6, stateful_step_count=12, deadline=None)
TestKeyStates = KeyStates.TestCase
