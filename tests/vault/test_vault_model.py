"""Any sequence of calls against a plain model of what the vault promises of tokens, uses and people."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy.engine import make_url

from database.engine import Database
from migrations import schema
from tests.support.clock import Clock
from tests.support.tenant_guard import refuse_without_tenant
from tests.support.vault import Gates, Vault, submitted
from vault.errors import NotFoundError, SubjectErasedError
from vault.item import Issued
from vault.policy import View
from vault.shredding import ShredReason

PEOPLE = st.sampled_from(["cust-1", "cust-2"])
VALUES = st.sampled_from(["13812345678", "13987654321"])


@dataclass
class Known:
    """What the model knows of one token."""

    subject: str
    value: str
    stable: bool
    uses_left: int | None
    expires_at: int | None
    revoked: bool = False


class VaultModel(RuleBasedStateMachine):
    """Two processes over one database, either of which may serve any call."""

    tokens: Bundle[str] = Bundle("tokens")
    template: Path | None = None

    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        if VaultModel.template is None or not VaultModel.template.exists():
            VaultModel.template = Path(tempfile.mkdtemp()) / "template.db"
            schema.migrate(make_url(f"sqlite:///{VaultModel.template}"))
        shutil.copy(VaultModel.template, self.directory / "moat.db")
        self.database = Database(f"sqlite:///{self.directory / 'moat.db'}", observe=refuse_without_tenant)
        first = Vault(self.database, self.directory / "keys", Clock(), Gates())
        self.processes = [first, first.another_process()]
        self.calls = 0
        self.known: dict[str, Known] = {}
        self.state: dict[str, str] = {}

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.dispose()
            shutil.rmtree(self.directory)

    @property
    def vault(self) -> Vault:
        self.calls += 1
        return self.processes[self.calls % 2]

    @property
    def at(self) -> int:
        return self.processes[0].means.at()

    @rule(target=tokens, subject=PEOPLE, value=VALUES)
    def store_stable(self, subject: str, value: str) -> MultipleResults[str] | str:
        (answer,) = self.vault.tokenize(submitted(value, subject=subject))
        if self._refused(subject, answer):
            return multiple()
        assert isinstance(answer, Issued)
        same = [token for token, known in self.known.items() if known.stable and not known.revoked
                and (known.subject, known.value) == (subject, value)]  # fmt: skip
        assert same in ([], [answer.token])
        assert answer.created is (same == [])
        assert answer.created or answer.token in self.known
        if answer.created:
            assert answer.token not in self.known
            self.known[answer.token] = Known(subject, value, True, None, None)
        return answer.token

    @rule(
        target=tokens,
        subject=PEOPLE,
        value=VALUES,
        uses=st.none() | st.integers(1, 3),
        seconds=st.none() | st.integers(1, 90),
    )
    def store_fresh(
        self, subject: str, value: str, uses: int | None, seconds: int | None
    ) -> MultipleResults[str] | str:
        item = submitted(value, subject=subject, mode="fresh", max_uses=uses, expires_in=seconds)
        (answer,) = self.vault.tokenize(item)
        if self._refused(subject, answer):
            return multiple()
        assert isinstance(answer, Issued)
        assert answer.token not in self.known
        ends = None if seconds is None else self.at + seconds * 1000
        self.known[answer.token] = Known(subject, value, False, uses, ends)
        return answer.token

    @rule(token=tokens, plain=st.booleans())
    def reveal(self, token: str, plain: bool) -> None:
        known = self.known[token]
        seen = self.vault.seen(token, view=View.PLAIN if plain else View.MASKED)
        if not self._live(known):
            assert seen == ["not_found"]
        elif self.state.get(known.subject) == "frozen":
            assert seen == ["frozen"]
        else:
            masked = known.value[:3] + "****" + known.value[7:]
            assert seen == [known.value if plain else masked]
            if plain and known.uses_left is not None:
                known.uses_left -= 1

    @rule(token=tokens)
    def revoke(self, token: str) -> None:
        known = self.known[token]
        live = self._live(known)
        try:
            self.vault.tokens.revoke(self.vault.caller(), token)
            assert live
            known.revoked = True
        except NotFoundError:
            assert not live

    @rule(subject=PEOPLE, frozen=st.booleans())
    def freeze(self, subject: str, frozen: bool) -> None:
        shredding, officer = self.vault.shredding, self.vault.caller("privacy_officer")
        try:
            (shredding.freeze if frozen else shredding.unfreeze)(officer, subject)
            assert self.state.get(subject) in ("active", "frozen")
            self.state[subject] = "frozen" if frozen else "active"
        except (NotFoundError, SubjectErasedError):
            assert self.state.get(subject) in (None, "erased")

    @rule(subject=PEOPLE)
    def shred(self, subject: str) -> None:
        try:
            self.vault.shredding.shred(self.vault.caller("privacy_officer"), subject, ShredReason.TEST)
            assert self.state.get(subject) in ("active", "frozen")
            self.state[subject] = "erased"
        except NotFoundError:
            assert self.state.get(subject) in (None, "erased")

    @rule(seconds=st.integers(1, 60))
    def wait(self, seconds: int) -> None:
        self.processes[0].clock.advance(seconds=seconds)

    @rule()
    def mint_token_keys(self) -> None:
        self.vault.keyring.renew_token_keys()

    @invariant()
    def every_act_has_its_entries(self) -> None:
        if hasattr(self, "processes"):
            vault = self.processes[0]
            assert vault.sql("SELECT sum(parts) FROM audit_act") == vault.sql(
                "SELECT nullif(count(*), 0) FROM audit_entry"
            )

    def _live(self, known: Known) -> bool:
        expired = known.expires_at is not None and known.expires_at <= self.at
        return not (known.revoked or expired or known.uses_left == 0 or self.state.get(known.subject) == "erased")

    def _refused(self, subject: str, answer: object) -> bool:
        state = self.state.setdefault(subject, "active")
        if state == "active":
            return False
        assert getattr(answer, "code", None) == {"frozen": "denied", "erased": "subject_erased"}[state]
        return True


TestVaultModel = VaultModel.TestCase
TestVaultModel.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
