"""Debian's Glewlwyd, a real OpenID provider, in a directory of its own: one client, one realm, and whoever a test puts in it."""

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.support.server import free_port

PROGRAM = Path("/usr/bin/glewlwyd")
SCHEMA = Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
CLIENT = "moat"
ADMIN = {"username": "admin", "password": "password"}
READY_WITHIN_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Glewlwyd:
    """A running provider. `secret` is the client's."""

    url: str
    secret: str

    @property
    def issuer(self) -> str:
        return f"{self.url}/api/oidc"

    def add_user(self, name: str, groups: Sequence[str]) -> None:
        """Somebody with a password of their own name."""
        with closing(self._administrator()) as admin:
            user = {
                "username": name,
                "name": name,
                "password": f"{name}-password",
                "groups": list(groups),
                "enabled": True,
            }
            _done(admin.post("/api/user/", json={**user, "scope": ["g_profile", "openid"]}))

    def set_groups(self, name: str, groups: Sequence[str]) -> None:
        """Put them into other groups."""
        with closing(self._administrator()) as admin:
            user = admin.get(f"/api/user/{name}").json()
            _done(admin.put(f"/api/user/{name}", json={**user, "groups": list(groups)}))

    def browser(self, name: str) -> httpx.Client:
        """A browser in which somebody has signed in and has let the client know who they are."""
        client = httpx.Client(base_url=self.url, trust_env=False, timeout=20)
        _done(client.post("/api/auth/", json={"username": name, "password": f"{name}-password"}))
        _done(client.put(f"/api/auth/grant/{CLIENT}", json={"scope": "openid"}))
        return client

    def _administrator(self) -> httpx.Client:
        client = httpx.Client(base_url=self.url, trust_env=False, timeout=20)
        _done(client.post("/api/auth/", json=ADMIN))
        return client

    def prepare(self, back: str) -> None:
        """The realm: groups in users, the protocol, and the client."""
        with closing(self._administrator()) as admin:
            users = admin.get("/api/mod/user/database").json()
            users["parameters"]["data-format"]["groups"] = {"multiple": True, "read": True, "write": True}
            _done(admin.put("/api/mod/user/database", json=users))
            _done(admin.put("/api/mod/reload/"))
            _done(admin.post("/api/mod/plugin/", json=_protocol(self.issuer)))
            client = {
                "client_id": CLIENT,
                "name": "Moat",
                "confidential": True,
                "enabled": True,
                "client_secret": self.secret,
                "redirect_uri": [back],
                "authorization_type": ["code"],
                "scope": ["openid"],
                "token_endpoint_auth_method": ["client_secret_basic"],
            }
            _done(admin.post("/api/client/", json=client))


def _protocol(issuer: str) -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    parameters = {
        "iss": issuer,
        "jwt-type": "rsa",
        "jwt-key-size": "256",
        "key": private,
        "cert": public,
        "access-token-duration": 3600,
        "refresh-token-duration": 1209600,
        "code-duration": 600,
        "refresh-token-rolling": True,
        "allow-non-oidc": False,
        "auth-type-code-enabled": True,
        "auth-type-token-enabled": False,
        "auth-type-id-token-enabled": False,
        "auth-type-password-enabled": False,
        "auth-type-client-enabled": False,
        "auth-type-device-enabled": False,
        "auth-type-refresh-enabled": False,
        "jwks-show": True,
        "pkce-allowed": True,
        "pkce-required": True,
        "pkce-method-plain-allowed": False,
        "subject-type": "public",
        "name-claim": "no",
        "email-claim": "no",
        "scope-claim": "no",
        "claims": [
            {"name": "groups", "user-property": "groups", "type": "string", "mandatory": True, "scope": []},
            {"name": "preferred_username", "user-property": "name", "type": "string", "mandatory": True, "scope": []},
        ],
    }
    return {"module": "oidc", "name": "oidc", "display_name": "OIDC", "enabled": True, "parameters": parameters}


@contextmanager
def glewlwyd(place: Path, back: str) -> Iterator[Glewlwyd]:
    """Run it. `back` is where its one client takes people back."""
    port = free_port()
    database = place / "glewlwyd.db"
    with sqlite3.connect(database) as made:
        made.executescript(SCHEMA.read_text(encoding="utf-8"))
    made.close()
    config = place / "glewlwyd.conf"
    config.write_text(_config(port, database), encoding="utf-8")
    with (place / "glewlwyd.log").open("ab") as said:
        process = subprocess.Popen(
            [str(PROGRAM), f"--config-file={config}"], stdout=said, stderr=said, env=dict(os.environ)
        )
    try:
        running = Glewlwyd(f"http://localhost:{port}", secrets.token_urlsafe(24))
        _wait(running.url, process)
        running.prepare(back)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def installed() -> bool:
    """Whether the machine has it."""
    return shutil.which(str(PROGRAM)) is not None and SCHEMA.is_file()


def _config(port: int, database: Path) -> str:
    lines = {
        "port": port,
        "external_url": f"http://localhost:{port}",
        "bind_address": "127.0.0.1",
        "login_url": "login.html",
        "api_prefix": "api",
        "log_mode": "console",
        "log_level": "ERROR",
        "cookie_secure": 0,
        "session_expiration": 3600,
        "session_key": "GLEWLWYD2_SESSION_ID",
        "admin_scope": "g_admin",
        "profile_scope": "g_profile",
        "user_module_path": "/usr/lib/glewlwyd/user",
        "client_module_path": "/usr/lib/glewlwyd/client",
        "user_auth_scheme_module_path": "/usr/lib/glewlwyd/scheme",
        "plugin_module_path": "/usr/lib/glewlwyd/plugin",
        "hash_algorithm": "SHA512",
        "static_files_path": "/usr/share/glewlwyd/webapp",
    }
    written = [f"{name}={json.dumps(value)}" for name, value in lines.items()]
    return "\n".join([*written, f'database = {{ type = "sqlite3"; path = {json.dumps(str(database))}; }};', ""])


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/config", timeout=5, trust_env=False).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("glewlwyd did not come up")


def _done(answer: httpx.Response) -> None:
    assert answer.status_code == 200, (answer.request.url.path, answer.status_code, answer.text)
