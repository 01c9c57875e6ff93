"""Whatever is said in whatever order: decisions, the vault's gate and the past agree with a model of a few lines."""

from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from audit.entry import Reason
from consent.records.standing import State
from database.columns import millis
from tests.consent.desk import PLACE, SHARING, SMS, Desk, reworded
from tests.support.vault import Vault

PEOPLE = ("cust-1", "cust-2")
PURPOSES = (SMS, SHARING, PLACE)
KINDS = {SMS: "phone", SHARING: "name", PLACE: "geo"}


class Stand(NamedTuple):
    """How the model says that somebody stands: in a word, and for a consent its notice and its end."""

    word: str
    notice: int = 0
    ends: int | None = None


class ConsentModel(RuleBasedStateMachine):
    """Two people and three purposes; what was asked at each moment is asked again at the end."""

    vault: Vault

    @initialize()
    def open(self) -> None:
        self.desk = Desk(self.vault)
        self.model: dict[tuple[str, str], Stand] = {}
        self.notices = dict.fromkeys(PURPOSES, 1)
        self.material = dict.fromkeys(PURPOSES, 1)
        self.version = self.vault.sql("SELECT coalesce(max(version), 1) FROM consent_catalogue")[0][0]
        self.past: list[tuple[str, str, int, Any]] = []
        self.people = [f"{name}-{self.vault.sql('SELECT count(*) FROM consent_event')[0][0]}" for name in PEOPLE]
        latest: dict[str, int] = dict(
            self.vault.sql("SELECT purpose, max(version) FROM consent_notice GROUP BY purpose")
        )
        for purpose in PURPOSES:
            self.notices[purpose] = self.material[purpose] = latest.get(purpose, 1)

    @rule(who=st.integers(0, 1), purpose=st.sampled_from(PURPOSES), ends=st.sampled_from([None, 5, 3600]))
    def give(self, who: int, purpose: str, ends: int | None) -> None:
        subject = self.people[who]
        self.desk.give(subject, purpose, expires_in=ends)
        until = None if ends is None else millis(self.vault.clock()) + ends * 1000
        self.model[subject, purpose] = Stand("allow", self.notices[purpose], until)

    @rule(who=st.integers(0, 1), purpose=st.sampled_from(PURPOSES))
    def withdraw(self, who: int, purpose: str) -> None:
        self.desk.withdraw(self.people[who], purpose)
        self.model[self.people[who], purpose] = Stand("withdrawn")

    @rule(who=st.integers(0, 1), purpose=st.sampled_from(PURPOSES))
    def refuse(self, who: int, purpose: str) -> None:
        self.desk.say(self.people[who], purpose, State.REFUSED)
        self.model[self.people[who], purpose] = Stand("refused")

    @rule(who=st.integers(0, 1), purpose=st.sampled_from(PURPOSES))
    def defer(self, who: int, purpose: str) -> None:
        self.desk.say(self.people[who], purpose, State.DEFERRED)
        self.model.setdefault((self.people[who], purpose), Stand("deferred"))

    @rule(who=st.integers(0, 1))
    def try_to_bundle(self, who: int) -> None:
        token = self.desk.shown(self.people[who], SMS, SHARING)
        self.desk.say(self.people[who], SHARING, token=token)  # Refused, so that nothing changes.

    @rule(purpose=st.sampled_from(PURPOSES), material=st.booleans())
    def reword(self, purpose: str, material: bool) -> None:
        self.vault.clock.advance(seconds=1)
        self.version += 1
        self.notices[purpose] += 1
        if material:
            self.material[purpose] = self.notices[purpose]
        notices = dict(self.notices)

        def change(source: Any) -> None:
            for name, version in notices.items():
                if version > 1:
                    reworded(name, version, material=material)(source)

        self.desk.publish(change, version=self.version)

    @rule(seconds=st.sampled_from([0.001, 4.999, 60.0, 40_000_000.0]))
    def wait(self, seconds: float) -> None:
        self.vault.clock.advance(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        self.desk.expiry.run(millis(self.vault.clock()))

    @rule(who=st.integers(0, 1), purpose=st.sampled_from(PURPOSES))
    def look(self, who: int, purpose: str) -> None:
        subject = self.people[who]
        answer = self.desk.ask(subject, purpose, kind=KINDS[purpose])
        self.past.append((subject, purpose, answer.instant, (answer.verdict, answer.epoch)))
        self.vault.clock.advance(microseconds=10)

    @invariant()
    def all_agree(self) -> None:
        for subject in self.people:
            for purpose in PURPOSES:
                expected = self._expected(subject, purpose)
                assert self.desk.word(subject, purpose) == expected
        refused = self.desk.gated(self.people[0], SMS)
        assert (refused is None) == (self._expected(self.people[0], SMS) == "allow")
        assert refused in {None, Reason.NO_CONSENT}

    def teardown(self) -> None:
        for subject, purpose, instant, answer in getattr(self, "past", []):
            again = self.desk.ask(subject, purpose, kind=KINDS[purpose], instant=instant)
            assert (again.verdict, again.epoch) == answer

    def _expected(self, subject: str, purpose: str) -> str:
        stand = self.model.get((subject, purpose))
        if stand is None or stand.word != "allow":
            return "no_record" if stand is None else stand.word
        at = millis(self.vault.clock())
        if at >= min(stand.ends or 2**62, self._catalogue_end(subject, purpose)):
            return "expired"
        return "stale_notice" if stand.notice < self.material[purpose] else "allow"

    def _catalogue_end(self, subject: str, purpose: str) -> int:
        number = self.desk.number(subject)
        rows = self.vault.sql(
            "SELECT valid_until FROM consent_event WHERE subject = :subject AND purpose = :purpose "
            "AND state IN ('given', 'renewed') ORDER BY epoch DESC LIMIT 1",
            subject=number,
            purpose=purpose,
        )
        return int(rows[0][0])


def test_decisions_gate_and_history_agree_with_the_model_in_any_order(vault: Vault) -> None:
    class Machine(ConsentModel):
        pass

    Machine.vault = vault
    few = settings(
        max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Machine, settings=few)
