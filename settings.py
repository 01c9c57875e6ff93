"""Settings of a deployment: from MOAT_… variables, and from the options of `moat serve`, which win.

Whatever could put personal data on a wire in the clear, or the keys beside the data that they protect, is refused here with one
line that names the way out.
"""

import os
from collections.abc import Callable, Container
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar
from urllib.parse import urlsplit

import click
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from key_settings import SECRETS, KeySettings

PREFIX = "MOAT_"
SQLITE_FILE = "moat.db"
WORK_FILE = "work.db"
MIB = 1024 * 1024
UNLISTED = SECRETS | {"messenger_secret"}
"""Settings that are variables only: an option would show them to everybody who lists processes."""

Network = IPv4Network | IPv6Network
Listed = Annotated[tuple[str, ...], NoDecode]
Command = TypeVar("Command", bound=Callable[..., Any])


class Settings(KeySettings):
    """Everything that an operator can set. Field descriptions are the help texts of `moat serve`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    data: Path = Field(Path("data"), description="Directory of the database and everything else that is stored.")
    keys: Path = Field(Path("keys"), description="Directory of the root key, apart from the data.")
    shred_ledger: Path | None = Field(
        None, description="Directory of the shred ledger, the same for all hosts; without it, the keys directory."
    )
    snapshot_days: int = Field(
        1,
        ge=0,
        le=3_650,
        description="Days for which snapshots, replicas and the database's own logs keep what was deleted.",
    )
    database: SecretStr | None = Field(None, description="PostgreSQL URL; without it, SQLite in the data directory.")
    bind: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=1, le=65535, description="Port to listen on.")
    tls_cert: Path | None = Field(None, description="Certificate chain of the server (PEM).")
    tls_key: Path | None = Field(None, description="Key of the certificate (PEM).")
    client_ca: Path | None = Field(None, description="Clients must show a certificate of this authority (PEM).")
    behind_proxy: Annotated[tuple[Network, ...], NoDecode] = Field(
        (), description="Networks of the reverse proxies that add TLS, such as 10.0.0.0/8; only they may connect."
    )
    workers: int | None = Field(
        None, ge=1, le=64, description="Worker processes; SQLite has one, PostgreSQL one per core."
    )
    threads: int = Field(16, ge=1, le=256, description="Calls that one worker works on at once.")
    names_processes: int = Field(
        1, ge=0, le=64, description="Processes of each worker that look for names in texts; 0 looks for none."
    )
    max_body_mib: int = Field(16, ge=1, le=1024, description="Longest request body in MiB.")
    call_rate: float = Field(
        0.0, ge=0, description="Calls a second that one credential may make of a worker; 0 is no limit."
    )
    call_burst: int = Field(1000, ge=1, description="Calls that a credential may make at once before its rate counts.")
    failure_rate: float = Field(0.2, ge=0, description="Failed authentications a second that one source may make.")
    failure_burst: int = Field(20, ge=1, description="Failed authentications at once before their rate counts.")
    visitor_rate: float = Field(
        1.0,
        ge=0,
        description="Calls a second that one source may make for a person, without a credential; 0 is no limit.",
    )
    visitor_burst: int = Field(
        60, ge=1, description="Such calls that a source may make at once before its rate counts."
    )
    default_region: str = Field("CN", pattern=r"^[A-Z]{2}$", description="Country of phone numbers that name none.")
    time_zone: str = Field("Asia/Shanghai", description="Zone in which pages for people say times.")
    staff_url: str | None = Field(
        None,
        pattern=r"^https?://[A-Za-z0-9.:-]+$",
        description="Address at which staff reach their pages, such as https://staff.example.com; without it, localhost.",
    )
    staff_providers: Path | None = Field(
        None, description="YAML file of the identity providers by which staff of organisations sign in."
    )
    relying_party: str | None = Field(
        None,
        pattern=r"^[a-z0-9.-]+$",
        description="Domain that passkeys of staff are made for, such as example.com; without it, the host of --staff-url. "
        "With another one, all passkeys are made anew.",
    )
    policy_dir: Path | None = Field(None, description="Directory of Cedar policies that replace the default ones.")
    masking_profiles: Path | None = Field(
        None, description="YAML file of profiles of masks, by tenant, beside those that everybody has."
    )
    egress_allow: Listed = Field((), description="Origins that may be called, such as https://hooks.example.com.")
    egress_internal: Listed = Field((), description="Origins that may be called although their address is not public.")
    connectors: Path | None = Field(
        None, description="YAML file that declares the systems beside this one which hold data of people."
    )
    privacy_url: str | None = Field(
        None,
        pattern=r"^https?://[!-~]+$",
        description="Address at which people reach this service, such as https://privacy.example.com; messages link to it.",
    )
    relay_url: str | None = Field(
        None,
        pattern=r"^https?://[A-Za-z0-9.:\[\]-]+$",
        description="Address at which switches and number providers reach this service, such as https://relay.example.com; "
        "webhooks are signed with it.",
    )
    switch_url: str | None = Field(
        None,
        pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(,https?://[A-Za-z0-9.:\[\]-]+){0,15}$",
        description="Where the relay's switches are told to end calls, such as http://127.0.0.1:5070, with commas "
        "between several; "
        "without it, they are not.",
    )
    switch_secret_file: Path | None = Field(None, description="File with the secret that the switches expect there.")
    package_days: int = Field(7, ge=1, le=30, description="Days for which a person can fetch the data they asked for.")
    transfer_receivers: Path | None = Field(
        None, description="YAML file of the other handlers that people may have their data transferred to."
    )
    messenger: str = Field(
        "none",
        description="How messages reach people: none, console, file:PATH, the https address of a gateway, or a mail server as "
        "smtps://HOST[:PORT] or smtp://HOST[:PORT], which then has STARTTLS.",
    )
    messenger_user: str | None = Field(None, description="Name at the mail server.")
    messenger_secret: SecretStr | None = Field(
        None, description="Password at the mail server, or bearer token of the gateway."
    )
    messenger_sender: str | None = Field(None, description="Address that mail comes from.")
    alarm_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#@]{1,400}$",
        description="Address that is told when somebody presents a honey token; its origin must be one that may be called.",
    )
    alarm_secret_file: Path | None = Field(
        None,
        description="File with the secret, whsec_ and base64, by which its receiver knows that an alarm is of this service.",
    )
    erasure_laws: Path | None = Field(
        None, description="YAML file of the laws that keep what people want erased, instead of those that Moat ships."
    )
    erasure_unapproved: int = Field(
        0, ge=0, description="Values of a person that an erasure may destroy without a second person."
    )
    retention_hour: int = Field(
        3, ge=0, le=24, description="Hour of the day from which on what is due is disposed of; 24 is never by itself."
    )
    retention_uses: int = Field(
        10_000, ge=0, description="Uses that a retention run may dispose of without a second person."
    )
    retention_percent: float = Field(
        1.0, ge=0, le=100, description="Percentage of all uses of a kind, more than a hundred of them, that it may."
    )
    message_hours: int = Field(
        2, ge=0, le=24, description="Hours after an order's end in which its parties can fetch messages between them."
    )
    trace_hours: int = Field(
        24, ge=1, le=168, description="Hours for which a courier's positions are kept after the last of an order."
    )
    picture_days: int = Field(30, ge=1, le=365, description="Days for which pictures of an order are kept.")
    picture_mib: int = Field(10, ge=1, le=64, description="Largest picture in MiB.")
    audit_origin: str = Field(
        "localhost/moat",
        pattern=r"^[!-*,-~]+$",
        description="What the audit log is called, such as log.example.com/moat; a number is added. Fixed by the first start.",
    )
    audit_publish: bool = Field(True, description="Whether this process numbers and publishes the log's entries.")
    audit_anchor: Listed = Field(
        (), description="Directories or https addresses outside the database that remember checkpoints of the log."
    )
    audit_policy: Path | None = Field(
        None,
        description="Policy file (c2sp.org/tlog-policy); checkpoints appear once its quorum of witnesses has signed.",
    )
    audit_lag_entries: int = Field(
        50_000, ge=1, description="Entries without an index from which no plain values are given out."
    )
    audit_lag_seconds: int = Field(60, ge=2, description="Age of an entry without an index from which none are.")
    metrics_listen: str | None = Field(
        None, description="HOST:PORT of a separate listener for /metrics, without credentials."
    )

    @field_validator("behind_proxy", mode="before")
    @classmethod
    def _networks(cls, given: object) -> object:
        return tuple(ip_network(text) for text in _words(given)) if isinstance(given, str | list | tuple) else given

    @field_validator("egress_allow", "egress_internal", "audit_anchor", mode="before")
    @classmethod
    def _origins(cls, given: object) -> object:
        return _words(given) if isinstance(given, str | list | tuple) else given

    @model_validator(mode="after")
    def _refuse_what_is_unsafe(self) -> Self:
        self._check_transport()
        self._check_directories()
        self._check_database()
        self._check_messenger()
        self._check_switch()
        self._check_alarm()
        if self.metrics_listen is not None:
            self.metrics_address()
        return self

    @property
    def tls(self) -> bool:
        """Whether this server itself speaks TLS."""
        return self.tls_cert is not None

    @property
    def staff_origin(self) -> str:
        """Where the pages of staff are. Browsers make passkeys for localhost without TLS, and for no other name."""
        scheme = "https" if self.tls else "http"
        return self.staff_url or f"{scheme}://localhost:{self.port}"

    @property
    def relying_party_id(self) -> str:
        """The domain of their passkeys."""
        return self.relying_party or urlsplit(self.staff_origin).hostname or "localhost"

    @property
    def database_url(self) -> str:
        """Address of the database. It may contain a password."""
        return f"sqlite:///{self.data / SQLITE_FILE}" if self.database is None else self.database.get_secret_value()

    @property
    def work_url(self) -> str:
        """Address of the store of durable work: a file beside the embedded database, or the PostgreSQL database itself."""
        if self.on_sqlite:
            return f"sqlite:///{self.data / WORK_FILE}"
        return make_url(self.database_url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)

    @property
    def on_sqlite(self) -> bool:
        """Whether the database is the embedded one."""
        return self.database_url.startswith("sqlite")

    @property
    def worker_count(self) -> int:
        """One on SQLite, which has one writer; otherwise as set, or one for each core."""
        return 1 if self.on_sqlite else self.workers or os.cpu_count() or 1

    @property
    def audit_directory(self) -> Path:
        """Where the audit log's files lie."""
        return self.data / "audit"

    @property
    def exports_directory(self) -> Path:
        """Where exports of the audit log lie until they go."""
        return self.data / "exports"

    @property
    def packages_directory(self) -> Path:
        """Where packages for people lie until they go."""
        return self.data / "packages"

    @property
    def bootstrap_file(self) -> Path:
        """Where the credential of the first start lies."""
        return self.keys / "bootstrap-credential"

    def metrics_address(self) -> tuple[str, int] | None:
        """Host and port of the separate listener for metrics.

        Raises:
            ValueError: it is not of the form HOST:PORT.
        """
        if self.metrics_listen is None:
            return None
        host, _, port = self.metrics_listen.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError("--metrics-listen is HOST:PORT, such as 127.0.0.1:9100")
        return host.strip("[]"), int(port)

    def _check_transport(self) -> None:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("--tls-cert and --tls-key go together")
        if self.client_ca is not None and not self.tls:
            raise ValueError("--client-ca needs --tls-cert and --tls-key")
        for path in (self.tls_cert, self.tls_key, self.client_ca):
            if path is not None and not path.is_file():
                raise ValueError(f"there is no file {path}")
        if not _is_loopback(self.bind) and not self.tls and not self.behind_proxy:
            raise ValueError(
                f"listening on {self.bind} without TLS would show personal data to the network: give --tls-cert and --tls-key, "
                "or --behind-proxy CIDR if a reverse proxy adds TLS"
            )

    def _check_directories(self) -> None:
        data, keys = self.data.resolve(), self.keys.resolve()
        if data == keys or data in keys.parents or keys in data.parents:
            raise ValueError("--data and --keys must lie apart: a backup of one must not contain the other")
        ledger = keys if self.shred_ledger is None else self.shred_ledger.resolve()
        if data == ledger or data in ledger.parents:
            raise ValueError(
                "--shred-ledger and --data must lie apart: an old copy of the data must not bring an old ledger"
            )
        if self.policy_dir is not None and not self.policy_dir.is_dir():
            raise ValueError(f"there is no directory {self.policy_dir}")

    def _check_messenger(self) -> None:
        """A way for messages that would go unencrypted is none, unless the operator declared its origin internal."""
        named = self.messenger
        parts = urlsplit(named)
        if named in {"none", "console"} or (named.startswith("file:") and len(named) > len("file:")):
            return
        if parts.scheme not in {"https", "http", "smtp", "smtps"} or not parts.hostname or parts.username is not None:
            raise ValueError(
                "--messenger is none, console, file:PATH, or an address of https, smtps or smtp without a name"
            )
        if parts.scheme == "http" and f"http://{parts.netloc}" not in self.egress_internal:
            raise ValueError("--messenger over http would show messages to the network: use https")
        if parts.scheme in {"smtp", "smtps"} and not self.messenger_sender:
            raise ValueError("--messenger with a mail server needs --messenger-sender")

    @property
    def switch_urls(self) -> list[str]:
        """Where each of the relay's switches is told to end calls."""
        return [] if self.switch_url is None else self.switch_url.split(",")

    def _check_switch(self) -> None:
        """The order to end a call goes with a secret, which goes unencrypted on this host only."""
        if (self.switch_url is None) != (self.switch_secret_file is None):
            raise ValueError("--switch-url and --switch-secret-file go together")
        if self.switch_url is None or self.switch_secret_file is None:
            return
        for url in self.switch_urls:
            parts = urlsplit(url)
            local = _is_loopback(parts.hostname or "") or url in self.egress_internal
            if parts.scheme == "http" and not local:
                raise ValueError("--switch-url over http would show its secret to the network: use https")
        if not self.switch_secret_file.is_file():
            raise ValueError(f"there is no file {self.switch_secret_file}")

    def _check_alarm(self) -> None:
        """An alarm that could not go out would be noticed when it is needed."""
        if (self.alarm_url is None) != (self.alarm_secret_file is None):
            raise ValueError("--alarm-url and --alarm-secret-file go together")
        if self.alarm_url is None or self.alarm_secret_file is None:
            return
        parts = urlsplit(self.alarm_url)
        if f"{parts.scheme}://{parts.netloc}" not in {*self.egress_allow, *self.egress_internal}:
            raise ValueError("--alarm-url: its origin is neither in --egress-allow nor in --egress-internal")
        if not self.alarm_secret_file.is_file():
            raise ValueError(f"there is no file {self.alarm_secret_file}")

    def _check_database(self) -> None:
        if self.database is None:
            url = None
        else:
            try:
                url = make_url(self.database.get_secret_value())
            except ArgumentError:
                raise ValueError("--database is a URL such as postgresql://moat@localhost/moat") from None
        if url is not None and url.get_backend_name() == "postgresql":
            _check_postgresql(url)
        elif url is not None and url.get_backend_name() != "sqlite":
            raise ValueError("--database is a PostgreSQL URL; without it Moat uses SQLite in --data")
        elif (self.workers or 1) > 1:
            raise ValueError("SQLite has one writer, so it takes one worker: leave --workers out, or use PostgreSQL")


def load(**options: Any) -> Settings:
    """Settings from the environment and from command line options, of which None was not given.

    Raises:
        click.UsageError: one line for each thing that is wrong.
    """
    given = {name: value for name, value in options.items() if value is not None and value != ()}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise click.UsageError(
            "\n".join(_line(one) for one in error.errors(include_input=False, include_url=False))
        ) from None


def options(command: Command) -> Command:
    """Give a click command one option for each setting."""
    return _with_options(command, Settings.model_fields)


def key_options(command: Command) -> Command:
    """Give a click command the options that name a deployment and its key providers."""
    return _with_options(command, {"data", "keys", "database", *KeySettings.model_fields})


def variable(name: str) -> str | None:
    """A variable of the environment that a file of the operator names; None where there is none."""
    return os.environ.get(name)  # noqa: TID251 - this module is where the environment is read


def _with_options(command: Command, names: Container[str]) -> Command:
    for name, field in reversed(Settings.model_fields.items()):
        if name in UNLISTED or name not in names:
            continue
        several = name in {"behind_proxy", "egress_allow", "egress_internal", "audit_anchor"}
        shown = "" if field.default in (None, ()) else f" [default: {field.default}]"
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, multiple=several, help=f"{field.description}{shown}", show_default=False)(
            command
        )
    return command


def _line(error: Any) -> str:
    """One thing that is wrong, in the words of the command line."""
    message = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return message
    name = str(error["loc"][0])
    return f"--{name.replace('_', '-')} ({PREFIX}{name.upper()}): {message}"


def _words(given: str | list[Any] | tuple[Any, ...]) -> tuple[Any, ...]:
    """Items separated by commas or given one by one."""
    items = [given] if isinstance(given, str) else given
    return tuple(word.strip() for item in items for word in str(item).split(",") if word.strip())


def _check_postgresql(url: URL) -> None:
    """Let a remote database through only with a verified certificate. libpq also takes hosts from the query and from PGHOST."""
    if "service" in url.query:
        raise ValueError(
            "--database names its host itself: a service file would hide whether the connection is verified"
        )
    hosts = [url.host, *_listed(url.query.get("host")), *_listed(url.query.get("hostaddr"))]
    if not any(hosts):
        surroundings = os.environ  # noqa: TID251 - this module is where the environment is read
        hosts = [*_listed(surroundings.get("PGHOST")), *_listed(surroundings.get("PGHOSTADDR"))]
    remote = [host for host in hosts if host and not host.startswith("/") and not _is_loopback(host)]
    if remote and url.query.get("sslmode") != "verify-full":
        raise ValueError("a database on another host needs ?sslmode=verify-full in --database (and sslrootcert=…)")


def _listed(given: str | tuple[str, ...] | None) -> list[str]:
    return [] if given is None else ([*given.split(",")] if isinstance(given, str) else [*given])


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
