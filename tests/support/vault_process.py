"""A process with a vault of its own over a test's database, told line by line what to do.

Each line is one JSON object, and so is each answer. `hold` makes the next write wait, once it has the person's key and their row
in its hands, until the line `go`.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from database.engine import Database
from tests.support.clock import Clock
from tests.support.vault import TENANT, Gates, Vault, submitted
from vault import recording
from vault.envelope import seal_many
from vault.errors import VaultError
from vault.item import Issued
from vault.shredding import ShredReason

ROOT = Path(__file__).parents[2]


class VaultProcess:
    """The process, as the test that started it has it. It ends with its standard input."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.vault_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )

    def send(self, **asked: Any) -> None:
        """Have it do something, and do not wait for its answer."""
        assert self._process.stdin is not None
        print(json.dumps(asked), file=self._process.stdin, flush=True)

    def answer(self) -> Any:
        """The next answer."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process has ended"
        return json.loads(line)

    def do(self, **asked: Any) -> Any:
        """Have it do something, and give what it answers."""
        self.send(**asked)
        return self.answer()

    def end(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=30)


class _Loop:
    def __init__(self) -> None:
        self._vault: Vault | None = None

    @property
    def vault(self) -> Vault:
        assert self._vault is not None
        return self._vault

    def do(self, asked: dict[str, Any]) -> Any:
        act: Callable[..., Any] = getattr(self, asked.pop("do"))
        return act(**asked)

    def open(self, url: str, keys: str) -> str:
        if self._vault is not None:
            self._vault.database.dispose()
        self._vault = Vault(Database(url), Path(keys), Clock(), Gates())
        return "opened"

    def write(self, value: str, subject: str) -> str:
        """The token of a value, or why it is not stored."""
        (answer,) = self.vault.tokenize(submitted(value, subject=subject))
        return answer.token if isinstance(answer, Issued) else str(answer.code)

    def write_many(self, start: int, count: int, subject: str) -> list[str]:
        return [self.write(f"138{start + number:08d}", subject) for number in range(count)]

    def see(self, tokens: list[str]) -> list[str]:
        """The values of tokens, or why they are not shown."""
        return self.vault.seen(*tokens)

    def shred(self, subject: str) -> str:
        try:
            self.vault.shredding.shred(
                self.vault.caller("privacy_officer", tenant=TENANT), subject, ShredReason.ERASURE_REQUEST
            )
        except VaultError as refused:
            return type(refused).__name__
        return "shredded"

    def hold(self) -> str:
        def held(*arguments: Any, **named: Any) -> Any:
            vars(recording)["seal_many"] = seal_many
            _say("held")
            sys.stdin.readline()
            return seal_many(*arguments, **named)

        vars(recording)["seal_many"] = held
        return "holding"


def _say(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


def main() -> None:
    """Do what is asked until nothing is asked any more."""
    loop = _Loop()
    while line := sys.stdin.readline():
        _say(loop.do(json.loads(line)))


if __name__ == "__main__":
    main()
