"""Whatever people ask, try and wait for: a code opens once, in time, and never more guesses are heard than there may be."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dsar.identity.centre import Centre, Someone

ACTIONS = st.lists(
    st.one_of(
        st.just(("ask", 0)),
        st.tuples(st.sampled_from(["right", "wrong", "wrong"]), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.sampled_from([20, 61, 300, 599, 901, 3_600, 20 * 86_400])),
    ),
    min_size=4,
    max_size=18,
)


@dataclass
class Asked:
    """A challenge as the model knows it. `code` is None where nobody is there to get one."""

    id: str
    at: int
    code: str | None
    tries: int = 0
    over: bool = False


@dataclass
class Model:
    """What must be answered to whoever uses one phone; times in seconds."""

    known: bool
    now: int = 0
    failures: int = 0
    locked_until: int = 0
    quiet_since: int = 0
    asked: list[int] = field(default_factory=list)
    window: int = -3_600
    challenges: list[Asked] = field(default_factory=list)

    def may_ask(self) -> bool:
        in_window = [at for at in self.asked if at >= self.window]
        if self.now >= self.window + 3_600:
            in_window = []
        recent = self.asked and self.now < self.asked[-1] + 60
        return self.now >= self.locked_until and not recent and len(in_window) < 5

    def note_asked(self) -> None:
        if self.now >= self.window + 3_600:
            self.window = self.now
        self.asked.append(self.now)
        self.quiet_since = max(self.quiet_since, self.now)

    def answers(self, one: Asked, *, right: bool) -> int:
        """The status that an answer must get."""
        if one.over or self.now >= one.at + 600 or self.now < self.locked_until:
            return 403
        one.tries += 1
        one.over = one.over or one.tries == 3
        if right and one.code is not None:
            one.over, self.failures, self.locked_until, self.quiet_since = True, 0, 0, self.now
            return 201
        if self.now >= max(self.quiet_since, self.locked_until) + 14 * 86_400:
            self.failures = 0
        self.failures += 1
        self.quiet_since = self.now
        if self.failures % 3 == 0:
            self.locked_until = self.now + min(86_400, 900 * 2 ** (self.failures // 3 - 1))
        return 403


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS, known=st.booleans())
def test_codes_answer_as_the_model_says(centre: Centre, actions: list[tuple[str, int]], known: bool) -> None:
    who = centre.person() if known else centre.nobody()
    model = Model(known)
    for action, argument in [("ask", 0), *actions]:
        if action == "wait":
            centre.clock.advance(seconds=argument)
            model.now += argument
        elif action == "ask":
            _ask(centre, who, model)
        else:
            one = model.challenges[argument % len(model.challenges)]
            code = one.code or "000000"
            if action == "wrong":
                code = f"{(int(code) + 1) % 10**6:06}"
            assert centre.answer(one.id, code).status_code == model.answers(one, right=action == "right")


def _ask(centre: Centre, who: Someone, model: Model) -> None:
    answer = centre.ask("phone", who=who)
    assert answer.status_code == (202 if model.may_ask() else 429)
    if answer.status_code == 429:
        return
    model.note_asked()
    codes = centre.codes()
    assert len(codes) == model.known
    assert answer.json is not None
    model.challenges.append(Asked(answer.json["challenge"], model.now, codes[0] if codes else None))


def test_a_code_takes_three_tries_whatever_becomes_of_another(centre: Centre) -> None:
    who = centre.person()
    first = centre.ask("phone", who=who).json
    (code,) = centre.codes()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert first is not None
    assert [centre.answer(first["challenge"], wrong).status_code for _ in range(2)] == [403, 403]
    centre.clock.advance(minutes=1)
    assert centre.session(who).startswith("mps1_")
    assert [centre.answer(first["challenge"], one).status_code for one in (wrong, code)] == [403, 403]
