"""Root keys in a software token: they cannot be taken out, a PIN is not tried twice, and a token that was away comes back."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass
from pkcs11.exceptions import AttributeSensitive, PKCS11Error

from tests.custody.conftest import token_provider
from tests.support.soft_token import MODULE, SoftToken
from vault.errors import KeysUnavailableError, RootKeyError
from vault.keys import KEY_BYTES
from vault.ports import KeyProvider

KEY = [(b"k" * KEY_BYTES, b"context")]


@pytest.fixture(autouse=True)
def no_session_before(token: SoftToken) -> None:
    """Logging in is a process's: sessions of an earlier test would let any PIN in."""
    pkcs11.lib(str(MODULE)).reinitialize()


def test_the_root_key_is_made_in_the_token_and_cannot_be_taken_out(token: SoftToken) -> None:
    root = token_provider(token).create_root()
    with pkcs11.lib(str(MODULE)).get_token(token_label=token.label).open(rw=True) as session:
        [key] = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.ID: bytes.fromhex(root)})
        expected = {
            Attribute.SENSITIVE: True,
            Attribute.ALWAYS_SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.NEVER_EXTRACTABLE: True,
            Attribute.LOCAL: True,
            Attribute.PRIVATE: True,
            Attribute.MODIFIABLE: False,
            Attribute.COPYABLE: False,
            Attribute.WRAP: False,
            Attribute.UNWRAP: False,
            Attribute.DERIVE: False,
            Attribute.SIGN: False,
            Attribute.KEY_TYPE: KeyType.AES,
            Attribute.VALUE_LEN: KEY_BYTES,
        }
        assert {name: key[name] for name in expected} == expected
        with pytest.raises(AttributeSensitive):
            key[Attribute.VALUE]
        for name, value in ((Attribute.EXTRACTABLE, True), (Attribute.SENSITIVE, False)):
            with pytest.raises(PKCS11Error):
                key.copy({name: value})
            with pytest.raises(PKCS11Error):
                key[name] = value
        template = {Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: False}
        wrapping = session.generate_key(KeyType.AES, 256, capabilities=MechanismFlag.WRAP, template=template)
        with pytest.raises(PKCS11Error):
            wrapping.wrap_key(key)  # type: ignore[attr-defined]  # a class that the module makes by the capabilities


def test_a_key_that_could_be_taken_out_is_refused(token: SoftToken) -> None:
    provider = token_provider(token)
    provider.create_root()
    root = (2).to_bytes(4, "big") + b"loose"[:4]
    template = {Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: False}
    with pkcs11.lib(str(MODULE)).get_token(token_label=token.label).open(rw=True) as session:
        session.generate_key(KeyType.AES, 256, id=root, label="moat-root", store=True, template=template)
    assert provider.newest() == root.hex()
    with pytest.raises(RootKeyError) as refused:
        provider.wrap(root.hex(), KEY)
    assert refused.value.cause == "extractable"


def test_a_refused_pin_is_not_presented_again_until_it_is_another(
    token: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    token.pin_file.write_text("000000")
    provider, library = token_provider(token), pkcs11.lib(str(MODULE))
    presented: list[object] = []

    class Spy:
        """The library, noting the PINs that its tokens are opened with."""

        def __init__(self, _module: str) -> None:
            self._library = library

        def reinitialize(self) -> None:
            library.reinitialize()

        def get_token(self, **named: object) -> "Spy":
            return self

        def open(self, **options: object) -> pkcs11.Session:
            presented.append(options.get("user_pin"))
            return library.get_token(token_label=token.label).open(**options)  # type: ignore[arg-type]

    monkeypatch.setattr(pkcs11, "lib", Spy)
    for _ in range(3):
        for ask in (provider.newest, provider.create_root):
            with pytest.raises(RootKeyError) as refused:
                ask()
            assert refused.value.cause == "refused"
    assert presented == ["000000"]
    token.pin_file.write_text(token.pin)
    assert provider.create_root() == provider.newest()


def test_a_token_that_is_not_there_is_unreachable_and_nothing_is_made_elsewhere(token: SoftToken) -> None:
    provider = token_provider(SoftToken("another", token.pin, token.pin_file, token.environment, token.directory))
    for ask in (provider.newest, provider.create_root):
        with pytest.raises(KeysUnavailableError) as away:
            ask()
        assert away.value.cause == "unreachable"
    with pytest.raises(RootKeyError):
        token_provider(token).newest()


def test_a_session_is_opened_anew_when_the_token_was_away(token: SoftToken) -> None:
    provider = token_provider(token)
    root = provider.create_root()
    wrapped = provider.wrap(root, KEY)
    away = token.directory.rename(token.directory.with_name("away"))
    token.directory.mkdir()
    try:
        for ask in _questions(provider, root, wrapped):
            with pytest.raises(KeysUnavailableError):
                ask()
    finally:
        token.directory.rmdir()
        away.rename(token.directory)
    for ask in _questions(provider, root, wrapped):
        ask()


def _questions(provider: KeyProvider, root: str, wrapped: list[bytes]) -> list[Callable[[], object]]:
    return [
        provider.newest,
        lambda: provider.wrap(root, KEY),
        lambda: provider.unwrap(root, [(wrapped[0], KEY[0][1])]),
    ]


def test_keys_of_another_label_are_another_deployments(token: SoftToken) -> None:
    ours, theirs = token_provider(token), token_provider(token, label="theirs")
    root = ours.create_root()
    with pytest.raises(RootKeyError):
        theirs.newest()
    assert theirs.create_root() != root
    assert ours.newest() == root
    theirs.destroy_root(root)
    ours.wrap(root, KEY)


def test_another_program_sees_a_key_that_never_was_extractable(token: SoftToken) -> None:
    """As OpenSC's pkcs11-tool says it, where it is installed; the token's own attributes are read above."""
    tool = Path("/usr/bin/pkcs11-tool")
    if not tool.exists():
        pytest.skip("pkcs11-tool is not installed")
    token_provider(token).create_root()
    command = [str(tool), "--module", str(MODULE), "--token-label", token.label, "--login", "--pin", token.pin, "-O"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "sensitive, always sensitive, never extractable, local" in said
