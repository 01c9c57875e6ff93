"""Root keys in transit: tokens and logins that are kept alive, and every way in which the engine can be away."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.transit_stand_in import ONLY_USE, TransitStandIn
from tests.web.certificates import Authority
from vault.errors import IntegrityError, KeysUnavailableError, RootKeyError
from vault.keys import KEY_BYTES
from vault.providers import transit_client
from vault.providers.transit import TransitKeyProvider
from vault.providers.transit_client import AppRole, Secret, TransitClient

KEY = [(b"k" * KEY_BYTES, b"context")]
CONTEXT = KEY[0][1]

Connect = Callable[..., TransitKeyProvider]


@pytest.fixture
def connect(stand_in: TransitStandIn) -> Iterator[Connect]:
    """Makes providers of the stand-in, and closes them."""
    made: list[TransitKeyProvider] = []

    def provider(
        login: AppRole | Secret | None = None,
        url: str = stand_in.url,
        *,
        key: str = "moat",
        namespace: str | None = None,
        ca_file: Path | None = None,
    ) -> TransitKeyProvider:
        given = login or stand_in.token
        client = TransitClient(url, given, namespace=namespace, ca_file=ca_file)
        made.append(TransitKeyProvider(client, mount="transit", key=key))
        return made[-1]

    yield provider
    for one in made:
        one.close()


def logins(stand_in: TransitStandIn) -> int:
    return stand_in.calls.count("POST auth/approle/login")


def test_a_key_made_here_is_derived_and_bound_and_never_leaves(stand_in: TransitStandIn, connect: Connect) -> None:
    root = connect().create_root()
    key = stand_in.engine.keys["moat"]
    assert (key.derived, key.exportable, root) == (True, False, f"1:{key.versions[1][1]}")
    with pytest.raises(RootKeyError):
        connect(key="other").newest()


def test_many_keys_are_opened_by_one_call(stand_in: TransitStandIn, connect: Connect) -> None:
    provider = connect()
    root = provider.create_root()
    many = [(bytes([number]) * KEY_BYTES, b"%d" % number) for number in range(200)]
    wrapped = provider.wrap(root, many)
    del stand_in.calls[:]
    pairs = [(octets, context) for octets, (_, context) in zip(wrapped, many, strict=True)]
    assert provider.unwrap(root, pairs) == [octets for octets, _ in many]
    assert stand_in.calls == ["POST transit/decrypt/moat"]


def test_a_role_logs_in_once_and_its_token_is_renewed_before_it_ends(
    stand_in: TransitStandIn, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 0.0
    monkeypatch.setattr(transit_client, "monotonic", lambda: passed)
    role, secret = stand_in.role(ttl=60)
    provider = connect(AppRole(role, lambda: secret))
    root = provider.create_root()
    for _ in range(20):
        stand_in.advance(20)
        passed += 20
        provider.wrap(root, KEY)
    assert logins(stand_in) == 1
    assert stand_in.calls.count("POST auth/token/renew-self") >= 10
    for _ in range(20):  # past the longest life of the first token
        stand_in.advance(20)
        passed += 20
        provider.wrap(root, KEY)
    assert logins(stand_in) == 2


def test_a_role_logs_in_anew_when_its_token_was_revoked(stand_in: TransitStandIn, connect: Connect) -> None:
    role, secret = stand_in.role()
    provider = connect(AppRole(role, lambda: secret))
    root = provider.create_root()
    stand_in.tokens.clear()
    provider.wrap(root, KEY)
    assert logins(stand_in) == 2


def test_a_role_with_a_wrong_secret_id_is_denied(stand_in: TransitStandIn, connect: Connect) -> None:
    role, _ = stand_in.role()
    with pytest.raises(KeysUnavailableError) as denied:
        connect(AppRole(role, lambda: "wrong")).newest()
    assert denied.value.cause == "denied"


def test_a_token_from_a_file_is_read_again_when_it_is_refused(
    stand_in: TransitStandIn, connect: Connect, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(stand_in.token(ttl=30, renewable=False))
    provider = connect(file.read_text)
    root = provider.create_root()
    stand_in.advance(31)
    for _ in range(2):
        with pytest.raises(KeysUnavailableError) as denied:
            provider.wrap(root, KEY)
        assert denied.value.cause == "denied"
    file.write_text(stand_in.token())
    provider.wrap(root, KEY)
    file.unlink()
    stand_in.tokens.clear()
    with pytest.raises(KeysUnavailableError):
        provider.wrap(root, KEY)


def test_a_token_that_may_not_read_or_make_keys_is_denied_and_makes_none(
    stand_in: TransitStandIn, connect: Connect
) -> None:
    text = stand_in.token(allowed=ONLY_USE)
    provider = connect(partial(str, text))
    for ask in (provider.newest, provider.create_root):
        with pytest.raises(KeysUnavailableError) as denied:
            ask()
        assert denied.value.cause == "denied"
    assert stand_in.engine.keys == {}


def test_wrapping_never_makes_a_key_that_was_deleted_anew(stand_in: TransitStandIn, connect: Connect) -> None:
    provider = connect()
    root = provider.create_root()
    wrapped = provider.wrap(root, KEY)
    del stand_in.engine.keys["moat"]
    with pytest.raises(RootKeyError):
        provider.wrap(root, KEY)
    with pytest.raises(RootKeyError):
        provider.unwrap(root, [(wrapped[0], CONTEXT)])
    assert stand_in.engine.keys == {}
    stand_in.advance(60)
    again = connect().create_root()
    assert again != root
    with pytest.raises(RootKeyError) as refused:
        provider.wrap(root, KEY)
    assert refused.value.cause == "other_database"


def test_a_version_that_may_not_open_any_more_is_not_taken_for_damage(
    stand_in: TransitStandIn, connect: Connect
) -> None:
    provider = connect()
    old = provider.create_root()
    wrapped = provider.wrap(old, KEY)
    provider.create_root()
    stand_in.engine.keys["moat"].min_decryption = 2
    with pytest.raises(RootKeyError):
        provider.unwrap(old, [(wrapped[0], CONTEXT)])
    stand_in.engine.keys["moat"].min_decryption = 1
    with pytest.raises(IntegrityError):
        provider.unwrap(old, [(wrapped[0], b"another")])


def test_a_key_that_can_be_exported_is_refused(stand_in: TransitStandIn, connect: Connect) -> None:
    provider = connect()
    provider.create_root()
    stand_in.engine.keys["moat"].exportable = True
    with pytest.raises(RootKeyError) as refused:
        provider.newest()
    assert refused.value.cause == "extractable"


@pytest.mark.parametrize(
    ("state", "cause"), [("sealed", "sealed"), ("uninitialized", "sealed"), ("standby", "unreachable")]
)
def test_a_state_is_told_by_its_word_and_passes(
    stand_in: TransitStandIn, connect: Connect, state: str, cause: str
) -> None:
    provider = connect()
    root = provider.create_root()
    stand_in.state = state
    with pytest.raises(KeysUnavailableError) as away:
        provider.wrap(root, KEY)
    assert away.value.cause == cause
    stand_in.state = "active"
    provider.wrap(root, KEY)


@pytest.mark.parametrize("status", [204, 301, 412, 429, 472, 473, 500, 502, 503])
def test_any_other_answer_is_unreachable_and_no_redirect_is_followed(
    stand_in: TransitStandIn, connect: Connect, status: int
) -> None:
    provider = connect()
    root = provider.create_root()
    stand_in.forced = status
    with pytest.raises(KeysUnavailableError) as away:
        provider.wrap(root, KEY)
    assert away.value.cause == "unreachable"
    stand_in.forced = None
    provider.wrap(root, KEY)


def test_an_engine_that_is_down_or_silent_is_unreachable_within_bounds_and_comes_back(
    stand_in: TransitStandIn, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transit_client, "ANSWERED_WITHIN_SECONDS", 0.3)
    provider = connect()
    root = provider.create_root()
    stand_in.pause.set()
    with pytest.raises(KeysUnavailableError):
        provider.wrap(root, KEY)
    stand_in.pause.clear()
    stand_in.down()
    with pytest.raises(KeysUnavailableError) as away:
        provider.wrap(root, KEY)
    assert away.value.cause == "unreachable"
    stand_in.up()
    provider.wrap(root, KEY)


def test_threads_share_a_client(stand_in: TransitStandIn, connect: Connect) -> None:
    role, secret = stand_in.role()
    provider = connect(AppRole(role, lambda: secret))
    root = provider.create_root()
    wrapped = provider.wrap(root, KEY)
    opened: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: opened.extend(provider.unwrap(root, [(wrapped[0], CONTEXT)]))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [KEY[0][0]] * 8
    assert logins(stand_in) == 1


def test_a_namespace_is_named_with_every_call(connect: Connect) -> None:
    with TransitStandIn(namespace="team/moat") as stand_in:
        root = connect(stand_in.token, stand_in.url, namespace="team/moat").create_root()
        assert root.startswith("1:")
        with pytest.raises(KeysUnavailableError):
            connect(stand_in.token, stand_in.url).newest()


def test_the_certificate_must_be_the_authoritys(connect: Connect, tmp_path: Path) -> None:
    ours, stranger = Authority(tmp_path, "ours"), Authority(tmp_path, "stranger")
    with TransitStandIn(ours.issue("localhost")) as stand_in:
        provider = connect(stand_in.token, stand_in.url, ca_file=ours.file)
        root = provider.create_root()
        provider.wrap(root, KEY)
        for trusted in (stranger.file, None):
            with pytest.raises(KeysUnavailableError) as away:
                connect(stand_in.token, stand_in.url, ca_file=trusted).newest()
            assert away.value.cause == "unreachable"
