"""Several use one code, one link or one assertion at once, in one process and in two: exactly one wins, and no try is lost."""

import threading
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from app import Moat, compose
from tests.dsar.identity.centre import Centre
from tests.dsar.identity.signing import Platform

AT_ONCE = 6


@pytest.fixture(scope="module")
def processes(shared: Centre) -> Iterator[list[Moat]]:
    """The deployment, and where several processes may serve one database, another process of it."""
    if shared.moat.database.dialect == "sqlite":
        yield [shared.moat]
        return
    other = compose(shared.settings, now=shared.clock)
    yield [shared.moat, other]
    other.close()


def statuses(processes: list[Moat], call: Callable[[Moat], int]) -> list[int]:
    """What each of several hears who call at once."""
    heard, barrier = list[int](), threading.Barrier(AT_ONCE)

    def one(moat: Moat) -> None:
        barrier.wait()
        heard.append(call(moat))

    threads = [threading.Thread(target=one, args=(processes[n % len(processes)],)) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(heard)


def post(moat: Moat, path: str, body: object = None) -> int:
    return moat.app.test_client().post(path, json=body).status_code


def test_one_code_begins_one_session(centre: Centre, processes: list[Moat]) -> None:
    asked = centre.ask("phone", who=centre.person()).json
    assert asked is not None
    answer = {"challenge": asked["challenge"], "codes": centre.codes()}
    heard = statuses(processes, lambda moat: post(moat, "/v1/privacy/default/sessions", answer))
    assert heard == [201] + [403] * (AT_ONCE - 1)


def test_one_link_begins_one_session(centre: Centre, processes: list[Moat]) -> None:
    link = centre.link(centre.person())
    assert statuses(processes, lambda moat: post(moat, link)) == [201] + [403] * (AT_ONCE - 1)


def test_one_assertion_begins_one_session(centre: Centre, processes: list[Moat]) -> None:
    ann, platform = centre.person(), Platform()
    centre.ok("POST", "/v1/session-keys", {"public_key": platform.pem}, bearer=centre.operator)
    now = int(centre.clock().timestamp())
    claims = {"sub": ann.account, "aud": "urn:moat:privacy:default", "iat": now, "exp": now + 60, "jti": str(uuid4())}
    body = {"assertion": platform.signed(claims)}
    heard = statuses(processes, lambda moat: post(moat, "/v1/privacy/default/sessions", body))
    assert heard == [201] + [403] * (AT_ONCE - 1)


def test_wrong_codes_at_once_are_all_counted(centre: Centre, processes: list[Moat]) -> None:
    ann = centre.person()
    asked = centre.ask("phone", who=ann).json
    assert asked is not None
    (code,) = centre.codes()
    wrong = {"challenge": asked["challenge"], "codes": [f"{(int(code) + 1) % 10**6:06}"]}
    heard = statuses(processes, lambda moat: post(moat, "/v1/privacy/default/sessions", wrong))
    assert heard == [403] * AT_ONCE
    assert centre.answer(asked["challenge"], code).status_code == 403
    centre.clock.advance(minutes=2)
    assert centre.ask("phone", who=ann).headers["Retry-After"] == str(13 * 60)


def test_codes_asked_for_at_once_are_sent_once(centre: Centre, processes: list[Moat]) -> None:
    ann = centre.person()
    body = {"identities": [{"kind": "phone", "value": ann.name("phone")}]}
    heard = statuses(processes, lambda moat: post(moat, "/v1/privacy/default/codes", body))
    assert heard == [202] + [429] * (AT_ONCE - 1)
    assert len(centre.codes()) == 1
