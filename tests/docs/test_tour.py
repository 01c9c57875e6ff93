"""The README's tour, pasted into a shell in the order it is written, against a service of its own.

Only the port and the place of the programs are other than the reader's. What a block prints must be what the README shows, but
for what is drawn at random or read off a clock.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, Block, Page
from tests.support.postgres import Cluster

README = Page(ROOT / "README.md")
TOUR = [*README.section("tour"), *README.section("python-client")]
PROGRAMS = Path(sys.executable).parent
SHOWN_PORT = "8080"
POSTGRESQL = "postgresql://moat@localhost/moat"
_END = "@@ end of block {} @@"

_DRAWN = (
    (re.compile(r"tok_[A-Za-z0-9_-]{28}"), "tok_…"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "(id)"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(?:\d{3})?(?:Z|\+00:00)"), "(time)"),
    (re.compile(r'("policy": ?)"[0-9a-f]{16}"'), r'\1"(digest)"'),
    (re.compile(r'("number":|"next_cursor":")\d+'), r"\1(n)"),
    (re.compile(r'("log":|"index":)(null|\d+)'), r"\1(n)"),
    (re.compile(r"\d+ entries of \d+ acts"), "(n) entries of (n) acts"),
    (re.compile(r"^((?:size|entries|acts|rows|tiles): )\d+$", re.MULTILINE), r"\1(n)"),
    (re.compile(r"^range: \[0, \d+\)$", re.MULTILINE), "range: [0, (n))"),
    (re.compile(r"^(log\.zip: )\d+", re.MULTILINE), r"\1(n)"),
    (re.compile(r"^((?:root|wording): )[0-9a-f]{64}$", re.MULTILINE), r"\1(hash)"),
    (re.compile(r"^(person: )[A-Za-z0-9_-]{22}$", re.MULTILINE), r"\1(pseudonym)"),
    (re.compile(r"^(index: )\d+$", re.MULTILINE), r"\1(n)"),
    (re.compile(r"localhost/moat/[0-9a-f]{16}/"), "localhost/moat/(deployment)/"),
    (re.compile(r"ledger [0-9a-f]{32} \d+ [0-9a-f]{64}"), "ledger (line)"),
    (re.compile(r"/erasure [A-Za-z0-9+/]{91}="), "/erasure (signature)"),
    (re.compile(r"\+[0-9a-f]{8}\+[A-Za-z0-9+/]{44}$", re.MULTILINE), "+(key)"),
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory as a clone would be after `make run`, as far as the tour looks at it."""
    if shutil.which("curl") is None:
        pytest.fail("curl is not installed: apt-get install -y curl", pytrace=False)
    activate = tmp_path / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f'PATH="{PROGRAMS}:$PATH"\n')
    return tmp_path


@pytest.mark.slow
def test_the_tour_prints_what_the_readme_shows(place: Path) -> None:
    port = _free_port()
    started, *steps = _steps([_on_port(block, port) for block in TOUR])
    assert started[0].text == "make run\n"
    with _serving(place, ["serve", "--port", port]) as first_lines:
        assert first_lines == started[1]
        printed = _pasted(place, [commands for commands, _ in steps])
    for (_, shown), output in zip(steps, printed, strict=True):
        assert _settled(output) == _settled(shown)


@pytest.mark.slow
@pytest.mark.postgres
def test_postgresql_takes_one_option(place: Path, cluster: Cluster) -> None:
    port = _free_port()
    with cluster.fresh("template1") as name:
        url = cluster.url(name).replace("+psycopg", "")
        blocks = [
            Block(block.language, block.text.replace(POSTGRESQL, f"'{url}'").replace("8081", port))
            for block in README.section("postgresql")
        ]
        (migrate, shown), (serve, _) = _steps(blocks)
        assert _pasted(place, [Block("sh", ". .venv/bin/activate\n"), migrate]) == ["", shown]
        words = serve.text.replace("'", "").split()
        with _serving(place, words[1:]) as first_lines:
            assert f"http://127.0.0.1:{port}" in first_lines


def _steps(blocks: list[Block]) -> list[tuple[Block, str]]:
    """Each block that is to be run, with the output that is shown after it."""
    steps: list[tuple[Block, str]] = []
    for block in blocks:
        if block.language == "text":
            steps[-1] = steps[-1][0], block.text
        else:
            steps.append((block, ""))
    return steps


def _on_port(block: Block, port: str) -> Block:
    return Block(block.language, block.text.replace(f"127.0.0.1:{SHOWN_PORT}", f"127.0.0.1:{port}"))


def _pasted(place: Path, blocks: list[Block]) -> list[str]:
    """What each block prints, on both streams, when all are pasted into one shell."""
    lines = []
    for number, block in enumerate(blocks):
        lines.append(f"python3 - <<'PASTED'\n{block.text}PASTED\n" if block.language == "python" else block.text)
        lines.append(f"echo '{_END.format(number)}'\n")
    run = subprocess.run(
        ["bash", "-u"],
        input="".join(lines),
        cwd=place,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    rest, printed = run.stdout, []
    for number in range(len(blocks)):
        output, end, rest = rest.partition(_END.format(number) + "\n")
        assert end, f"the shell ended in block {number}: {output}"
        printed.append(output)
    return printed


@contextmanager
def _serving(place: Path, words: list[str]) -> Iterator[str]:
    """A service in `place`; gives what it printed when it answered."""
    with (place / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [str(PROGRAMS / "moat"), *words],
            cwd=place,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield _until_back_up(process)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _until_back_up(process: "subprocess.Popen[str]") -> str:
    """The first lines, which end with the advice to back the keys up."""
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line)
        if line.startswith("Back "):
            return "".join(lines)
    raise AssertionError(f"the service ended: {''.join(lines)}")


def _environment() -> dict[str, str]:
    """The surroundings of a newcomer: no MOAT_ variables, a terminal of 80 columns."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOAT_", "COV", "PYTHON"))}
    return kept | {"COLUMNS": "80", "LANG": "C.UTF-8", "NO_COLOR": "1"}


def _settled(text: str) -> str:
    """The text without what differs from run to run."""
    for pattern, word in _DRAWN:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
