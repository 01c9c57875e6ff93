"""The keepers of the root keys, as the settings name them."""

from collections.abc import Callable
from datetime import datetime

import click

from database.engine import Database
from settings import Settings
from vault.custody.roots import Roots
from vault.custody.seal import Seal
from vault.errors import KeysUnavailableError, RootKeyError
from vault.ports import KeyProvider
from vault.providers.file import FILE_NAME, FileKeyProvider
from vault.providers.transit import TransitKeyProvider
from vault.providers.transit_client import AppRole, Secret, TransitClient

_FILE_REMEDIES = {
    "missing": "{path} is missing, and the database was sealed under it: put it back from its backup",
    "damaged": "{path} cannot be read as a root key: put it back from its backup",
    "readable_by_others": "others may read {path}: chmod 600 it",
    "other_database": "{path} is not the root key that this database was sealed under; nothing was changed",
}
_REMEDIES = {
    "missing": "{kept}, and this database's keys were wrapped with it: nothing was changed; put it back from its backup",
    "damaged": "{kept} of a kind that wraps no keys: AES with 256 bits is needed",
    "extractable": "{kept} that could be taken out of it: a root key must not leave its provider",
    "refused": "the token refuses the PIN; it is not tried again, because tokens lock themselves: correct it",
    "other_database": "{kept} that is not the one of this database; nothing was changed",
}
_KEPT = {
    "pkcs11": {
        "missing": "the token {token} has no root key labelled {label}",
        "": "the token {token} has a key {label}",
    },
    "transit": {"missing": "there is no key {path} in transit", "": "transit has a key {path}"},
}
_OTHER_PROVIDER = (
    "this database's keys are kept by the key provider {provider}, which is not configured; nothing was changed: "
    "give --key-provider {provider}, or --key-provider-from {provider} beside another"
)


def key_providers(chosen: Settings) -> list[KeyProvider]:
    """Every configured keeper of root keys; the first is the one of a new database.

    Raises:
        click.ClickException: one needs an extra that is not installed.
    """
    makers: dict[str, Callable[[Settings], KeyProvider]] = {"file": _file, "pkcs11": _pkcs11, "transit": _transit}
    return [makers[name](chosen) for name in chosen.key_providers]


def _file(chosen: Settings) -> KeyProvider:
    return FileKeyProvider(chosen.keys)


def _pkcs11(chosen: Settings) -> KeyProvider:
    try:
        from vault.providers.pkcs11 import Pkcs11KeyProvider  # noqa: PLC0415 - an extra, which may not be there
    except ImportError:
        raise click.ClickException(
            "--key-provider pkcs11 needs the extra: pip install 'moat-privacy[pkcs11]'"
        ) from None
    assert chosen.pkcs11_module is not None
    assert chosen.pkcs11_token is not None
    return Pkcs11KeyProvider(
        chosen.pkcs11_module, token=chosen.pkcs11_token, label=chosen.pkcs11_label, pin=chosen.read_pin
    )


def _transit(chosen: Settings) -> KeyProvider:
    assert chosen.transit_url is not None
    login: AppRole | Secret = chosen.read_transit_token
    if chosen.transit_role_id is not None:
        login = AppRole(chosen.transit_role_id, chosen.read_secret_id, chosen.transit_approle_mount)
    client = TransitClient(
        chosen.transit_url, login, namespace=chosen.transit_namespace, ca_file=chosen.transit_ca_file
    )
    return TransitKeyProvider(client, mount=chosen.transit_mount, key=chosen.transit_key)


def roots_of(chosen: Settings, database: Database, now: Callable[[], datetime]) -> Roots:
    """The root keys of a deployment, not proved yet."""
    return Roots(database, key_providers(chosen), now, Seal(chosen.keys_kept_seconds))


def proved_roots(chosen: Settings, database: Database, now: Callable[[], datetime]) -> Roots:
    """The same for a command that an operator waits for.

    Raises:
        click.ClickException: they cannot be used, in one line.
    """
    roots = roots_of(chosen, database, now)
    try:
        roots.open()
    except RootKeyError as error:
        raise click.ClickException(root_key_line(chosen, error)) from None
    except KeysUnavailableError as error:
        raise click.ClickException(f"the key provider does not answer ({error.cause})") from None
    roots.seal.proved()
    return roots


def root_key_line(chosen: Settings, error: RootKeyError) -> str:
    """Why the root key cannot be used, and the way out."""
    if error.cause == "other_provider":
        return _OTHER_PROVIDER.format(provider=error.provider)
    if error.provider != "file":
        words = _KEPT[error.provider]
        path = f"{chosen.transit_mount}/{chosen.transit_key}"
        kept = words.get(error.cause, words[""])
        shown = kept.format(token=chosen.pkcs11_token, label=chosen.pkcs11_label, path=path)
        return _REMEDIES[error.cause].format(kept=shown)
    return _FILE_REMEDIES[error.cause].format(path=chosen.keys / FILE_NAME)
