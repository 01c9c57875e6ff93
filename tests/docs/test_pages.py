"""The documentation against the tree: links, both languages, and the commands that it shows."""

import re
import shlex
from collections.abc import Iterator
from urllib.parse import unquote

import click
import pytest
from moat_verifier.cli import parser

from commands.program import main
from tests.docs.markdown import ROOT, Page, pages

ENGLISH = Page(ROOT / "README.md")
CHINESE = Page(ROOT / "README.zh-CN.md")
MADE_BY_RUNNING = {"data", "keys", "demo-data"}
READMES = pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=["english", "chinese"])


@READMES
def test_the_first_line_names_what_a_bare_debian_needs(readme: Page) -> None:
    assert "`git make python3-venv`" in readme.text.splitlines()[0]


def test_both_languages_have_the_same_headings_in_the_same_order() -> None:
    assert CHINESE.headings == ENGLISH.headings
    assert len(ENGLISH.headings) == ENGLISH.bare_headings == CHINESE.bare_headings


def test_both_languages_show_the_same_commands_and_output() -> None:
    assert CHINESE.blocks == ENGLISH.blocks


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Page) -> None:
    broken = []
    for link in page.links:
        target, _, anchor = unquote(link).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = page.path if not target else page.path.parent / target
        known = Page(path).anchors if path.suffix == ".md" and path.is_file() else set()
        if not path.exists() or (anchor and anchor not in known):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.path.relative_to(ROOT)))
def test_every_command_shown_is_one_that_help_lists(page: Page) -> None:
    assert [fault for words in _shown(page) if (fault := _fault(words))] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.path.relative_to(ROOT)))
def test_every_make_target_named_is_in_the_makefile(page: Page) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)", page.text)) | set(
        re.findall(r"^make ([a-z-]+)", page.text, re.MULTILINE)
    )
    assert {target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.path.relative_to(ROOT)))
def test_every_file_named_is_there(page: Page) -> None:
    named = re.findall(r"`((?:[a-z_0-9-]+/)+[a-z_0-9-]*(?:\.[a-z]+)?)`", page.prose)
    here = [ROOT, page.path.parent]
    top = {path.name for path in ROOT.iterdir()} - MADE_BY_RUNNING
    made = set((ROOT / ".gitignore").read_text().split())
    kept = [name for name in named if name.split("/")[0] in top and name not in made]
    lost = [name for name in kept if not any((place / name).exists() for place in here)]
    assert lost == []


@pytest.mark.parametrize(
    "page",
    [page for page in pages() if "clients" not in page.path.parts],  # the clients have programs of their own
    ids=lambda page: str(page.path.relative_to(ROOT)),
)
def test_every_option_named_is_one_of_a_command(page: Page) -> None:
    named = set(re.findall(r"`(--[a-z][a-z-]+)", page.prose))
    of_the_verifier = set(re.findall(r"--[a-z][a-z-]+", parser("moat-verify").format_help()))
    assert named - set(_options(main)) - of_the_verifier == set()


def test_every_directory_of_the_program_is_explained_to_contributors() -> None:
    explained = Page(ROOT / "CONTRIBUTING.md").text
    directories = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert {name for name in directories if f"`{name}/`" not in explained} == set()


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        yield from parameter.opts
    for each in _parts(command) if isinstance(command, click.Group) else ():
        yield from _options(each)


def _parts(group: click.Group) -> list[click.Command]:
    context = click.Context(group)
    return [found for name in group.list_commands(context) if (found := group.get_command(context, name))]


def _shown(page: Page) -> list[list[str]]:
    """The words of every `moat …` command in blocks and in the prose."""
    lines = []
    for block in page.blocks:
        if block.language == "sh":
            lines += re.findall(r"(?:^|\$\(|[A-Z]=\S+ )(moat [^\n)]+)", block.text.replace("\\\n", ""), re.MULTILINE)
    lines += re.findall(r"`(moat [a-z][^`\n]*)`", page.prose)
    return [shlex.split(line)[1:] for line in lines]


def _fault(words: list[str]) -> str | None:
    """What the command line does not know of a shown command."""
    command: click.Command = main
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(click.Context(command), rest[0])
        if found is None:
            break
        command = found
        rest.pop(0)
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    unknown = [word for word in rest if word.startswith("-") and word.partition("=")[0] not in known]
    if command is main or unknown or (isinstance(command, click.Group) and not command.invoke_without_command and rest):
        return " ".join(words)
    return None
