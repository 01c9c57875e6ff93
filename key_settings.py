"""Settings of the key provider: which one keeps the root keys, and how it is reached.

Secrets come from files or MOAT_… variables and never from the command line, which every user of a host may read.
"""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

SECRETS = frozenset({"pkcs11_pin", "transit_token", "transit_secret_id"})
"""Settings that are no options of a command."""

ProviderName = Literal["file", "pkcs11", "transit"]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class KeySettings(BaseSettings):
    """The key provider's part of the settings."""

    key_provider: ProviderName = Field(
        "file", description="Keeper of the root keys: file (in --keys), pkcs11 (a token), transit (Vault or OpenBao)."
    )
    key_provider_from: ProviderName | None = Field(
        None, description="A second keeper, while a deployment moves from one to the other."
    )
    keys_kept_seconds: int = Field(
        900, ge=1, le=86_400, description="How long opened keys may be used after the key provider was last reached."
    )
    pkcs11_module: Path | None = Field(None, description="The token's PKCS#11 library, an absolute path.")
    pkcs11_token: str | None = Field(None, description="Label of the token.")
    pkcs11_label: str = Field("moat-root", min_length=1, description="Label of the root keys in the token.")
    pkcs11_pin_file: Path | None = Field(None, description="File with the user's PIN; or MOAT_PKCS11_PIN.")
    pkcs11_pin: SecretStr | None = Field(None, description="The PIN, from the environment only.")
    transit_url: str | None = Field(
        None, description="Address of Vault or OpenBao, such as https://vault.example.com:8200."
    )
    transit_mount: str = Field("transit", pattern=r"^[\w.-]+(/[\w.-]+)*$", description="Where the engine is mounted.")
    transit_key: str = Field("moat", pattern=r"^\w(([\w.-]+)?\w)?$", description="Name of the key in the engine.")
    transit_namespace: str | None = Field(None, description="Namespace of the engine.")
    transit_ca_file: Path | None = Field(None, description="Certificate authority of --transit-url (PEM).")
    transit_token_file: Path | None = Field(None, description="File with a token; or MOAT_TRANSIT_TOKEN.")
    transit_token: SecretStr | None = Field(None, description="A token, from the environment only.")
    transit_role_id: str | None = Field(None, description="Log in by AppRole, as this role.")
    transit_secret_id_file: Path | None = Field(
        None, description="File with the role's secret id; or MOAT_TRANSIT_SECRET_ID."
    )
    transit_secret_id: SecretStr | None = Field(None, description="The secret id, from the environment only.")
    transit_approle_mount: str = Field("approle", pattern=r"^[\w./-]+$", description="Where AppRole is mounted.")

    rotate_root_days: int = Field(
        30, ge=0, le=3_650, description="Days after which the root key is rotated by itself; 0 is never."
    )
    rotate_kek_days: int = Field(30, ge=0, le=3_650, description="The same for the keys that wrap data keys.")
    rotate_dek_days: int = Field(0, ge=0, le=3_650, description="The same for people's data keys.")
    rotate_index_days: int = Field(0, ge=0, le=3_650, description="The same for the search index and its keys.")
    rotate_token_days: int = Field(
        0, ge=0, le=3_650, description="The same for token keys; every start makes new ones."
    )

    @property
    def rotation_days(self) -> dict[str, int]:
        """Days after which a key of each usage is rotated by itself; 0 is never."""
        return {
            "root": self.rotate_root_days,
            "kek": self.rotate_kek_days,
            "dek": self.rotate_dek_days,
            "search": self.rotate_index_days,
            "token": self.rotate_token_days,
        }

    @property
    def key_providers(self) -> tuple[ProviderName, ...]:
        """The keepers of root keys, the one of a new database first."""
        return (self.key_provider,) if self.key_provider_from is None else (self.key_provider, self.key_provider_from)

    def read_pin(self) -> str:
        """The token's PIN as it is now. Raises OSError where its file cannot be read."""
        return _read(self.pkcs11_pin, self.pkcs11_pin_file)

    def read_transit_token(self) -> str:
        """The token as it is now. Raises OSError as above."""
        return _read(self.transit_token, self.transit_token_file)

    def read_secret_id(self) -> str:
        """The role's secret id as it is now. Raises OSError as above."""
        return _read(self.transit_secret_id, self.transit_secret_id_file)

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        if self.key_provider == self.key_provider_from:
            raise ValueError("--key-provider-from names another provider than --key-provider")
        if "pkcs11" in self.key_providers:
            self._check_pkcs11()
        if "transit" in self.key_providers:
            self._check_transit()
        return self

    def _check_pkcs11(self) -> None:
        if self.pkcs11_module is None or self.pkcs11_token is None:
            raise ValueError("--key-provider pkcs11 needs --pkcs11-module and --pkcs11-token")
        if not self.pkcs11_module.is_absolute() or not self.pkcs11_module.is_file():
            raise ValueError(f"there is no PKCS#11 library {self.pkcs11_module} (an absolute path)")
        _check_secret("--pkcs11-pin-file", self.pkcs11_pin_file, "MOAT_PKCS11_PIN", self.pkcs11_pin)

    def _check_transit(self) -> None:
        parts = urlsplit(self.transit_url or "")
        if not parts.hostname or parts.scheme not in {"http", "https"} or parts.username is not None:
            raise ValueError("--key-provider transit needs --transit-url, such as https://vault.example.com:8200")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError("--transit-url over http would show its token to the network: use https")
        if self.transit_ca_file is not None and not self.transit_ca_file.is_file():
            raise ValueError(f"there is no file {self.transit_ca_file}")
        has_token = self.transit_token is not None or self.transit_token_file is not None
        if has_token == (self.transit_role_id is not None):
            raise ValueError("--key-provider transit needs either a token (--transit-token-file) or --transit-role-id")
        if has_token:
            _check_secret("--transit-token-file", self.transit_token_file, "MOAT_TRANSIT_TOKEN", self.transit_token)
        else:
            secret = self.transit_secret_id
            _check_secret("--transit-secret-id-file", self.transit_secret_id_file, "MOAT_TRANSIT_SECRET_ID", secret)


def _check_secret(option: str, file: Path | None, variable: str, given: SecretStr | None) -> None:
    if (file is None) == (given is None):
        raise ValueError(f"give the secret either in a file ({option}) or in the environment ({variable})")
    if file is None:
        return
    try:
        mode = file.stat().st_mode
    except OSError:
        raise ValueError(f"there is no file {file}") from None
    if mode & 0o007:
        raise ValueError(f"everybody on this host may read {file}: chmod 600 it")


def _read(given: SecretStr | None, file: Path | None) -> str:
    if given is not None:
        return given.get_secret_value()
    assert file is not None
    return file.read_text(encoding="utf-8").strip()
