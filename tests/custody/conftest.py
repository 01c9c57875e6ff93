"""Key providers for tests of this process: a directory, a software token and a stand-in for transit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import soft_token
from tests.support.soft_token import MODULE, SoftToken
from tests.support.transit_stand_in import TransitStandIn
from vault.ports import KeyProvider
from vault.providers.file import FileKeyProvider
from vault.providers.pkcs11 import Pkcs11KeyProvider
from vault.providers.transit import TransitKeyProvider
from vault.providers.transit_client import TransitClient


@pytest.fixture(scope="session")
def token_configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of all tokens of this process."""
    try:
        return soft_token.configured(tmp_path_factory.mktemp("softhsm"))
    except soft_token.SoftTokenMissingError as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture
def token(token_configuration: Path, tmp_path: Path) -> SoftToken:
    """A token that nobody has used."""
    return soft_token.new_token(token_configuration, tmp_path)


@pytest.fixture
def stand_in() -> Iterator[TransitStandIn]:
    """A transit engine, without keys."""
    with TransitStandIn() as running:
        yield running


def token_provider(token: SoftToken, *, label: str = "moat-root", pin: str | None = None) -> Pkcs11KeyProvider:
    """The provider over a token."""
    return Pkcs11KeyProvider(
        MODULE, token=token.label, label=label, pin=lambda: pin or token.pin_file.read_text().strip()
    )


def transit_provider(stand_in: TransitStandIn, *, key: str = "moat", text: str | None = None) -> TransitKeyProvider:
    """The provider over a stand-in, with a token of its own."""
    given = text or stand_in.token()
    return TransitKeyProvider(TransitClient(stand_in.url, lambda: given), mount="transit", key=key)


@pytest.fixture(params=["file", "pkcs11", "transit"])
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyProvider]:
    """Each kind of provider in turn, without a root key."""
    made: KeyProvider
    if request.param == "file":
        made = FileKeyProvider(tmp_path / "provider")
    elif request.param == "pkcs11":
        made = token_provider(request.getfixturevalue("token"))
    else:
        made = transit_provider(request.getfixturevalue("stand_in"))
    yield made
    made.close()
