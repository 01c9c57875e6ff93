"""`moat` itself: its list of commands tells what the commands say, and importing it imports none of them."""

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from commands.program import COMMANDS, main

CONTEXT = click.Context(main)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_list_of_commands_says_what_the_command_says(name: str) -> None:
    command = main.get_command(CONTEXT, name)
    assert command is not None
    assert command.get_short_help_str(200) == COMMANDS[name].about
    assert command.name == name


def test_the_list_of_commands_has_them_all() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    assert [line.split()[0] for line in shown.partition("Commands:")[2].splitlines() if line[2:3].strip()] == sorted(
        COMMANDS
    )


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main, ["frobnicate"]).exit_code == 2


def test_asking_a_service_imports_no_database() -> None:
    check = (
        "import sys, commands.program as p;"
        "p.main(['tokenize', '--help'], standalone_mode=False); print('sqlalchemy' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "False"
