"""Commands on the pages exist, with the options they are shown with; the safe ones are run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from watchfloor.cli.app import app
from watchfloor_camera_registry_desk.command import arguments
from watchfloor_sdk.cli.app import app as sdk

ELSEWHERE = {
    "apt-get", "cat", "cd", "cp", "curl", "cut", "git", "grep", "head", "mkdir", "npm",
    "ssh", "sudo", "systemctl", "systemd-creds",
}  # fmt: skip
"""Programs of others: that they are written rightly is not for us to test."""


@pytest.fixture(scope="module")
def watchfloor() -> TyperGroup:
    """The whole command, with what packages add to it."""
    for entry in entry_points(group="watchfloor.commands"):
        if entry.name not in {command.name for command in app.registered_commands}:
            app.command(entry.name)(entry.load())
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return command


@pytest.fixture(scope="module")
def commands(blocks, root: Path) -> list[tuple[str, list[str]]]:
    """(where, words) of every command in blocks for a shell, and in units of systemd."""
    lines = [(block.where, line) for block in blocks for line in _lines(block)]
    for unit in root.glob("deploy/*.service"):
        found = re.findall(r"^ExecStart=(.*)$", unit.read_text("utf-8"), re.MULTILINE)
        lines += [(unit.name, line) for line in found]
    return [(where, words) for where, line in lines for words in _simple_commands(line)]


def _lines(block) -> Iterator[str]:
    """Lines that a shell would read: after ``$`` where there is one, continuations joined."""
    text = re.sub(r"<<'(\w+)'\n.*?^\1$", "", block.text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"\\\n *", "", text)
    if block.language == "ini":
        yield from re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    elif block.language in ("console", "sh", "shell", "bash"):
        prompted = re.findall(r"^\$ (.*)$", text, re.MULTILINE)
        yield from prompted or _whole_commands(text)


def _whole_commands(text: str) -> Iterator[str]:
    """Lines, joined while a quotation is open."""
    pending = ""
    for line in text.splitlines():
        pending = f"{pending}\n{line}" if pending else line
        try:
            shlex.split(pending, comments=True)
        except ValueError:
            continue
        yield pending
        pending = ""
    assert not pending, pending


def _simple_commands(line: str) -> Iterator[list[str]]:
    """The commands of a line, without what joins them, comments and assignments."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("|&;()"):
            if words:
                yield words
            words = []
        elif words or not re.match(r"[A-Z_]+=", word):
            words.append(word)


def _problem(words: list[str], root: Path, watchfloor: TyperGroup) -> str | None:
    """Why a command cannot be as it is shown; ``None`` when it can."""
    program, rest = Path(words[0]).name, words[1:]
    match program:
        case "watchfloor":
            return _cli_problem(watchfloor, rest)
        case "watchfloor-sdk":
            return _cli_problem(typer.main.get_command(sdk), rest)
        case "watchfloor-camera-registry":
            return _desk_problem(rest)
        case "make":
            return _make_problem(root, rest, watchfloor)
        case "python" | "python3":
            scripts = [root / word for word in rest if word.endswith(".py")]
            return next((f"no {path}" for path in scripts if not path.exists()), None)
        case "pip" | "pytest":
            paths = [
                root / word.partition("[")[0] for word in rest if word.startswith(("./", "tests/"))
            ]
            return next((f"no {path}" for path in paths if not path.exists()), None)
        case "hub":
            return None  # the function of docs/api.md; those blocks are run
        case _:
            known = program in ELSEWHERE or program in {"echo", "{", "}"}
            return None if known else f"unknown program {program}"


def _cli_problem(command: Any, words: list[str]) -> str | None:
    """Options and arguments are read as the command would, and nothing is run."""
    context = command.context_class(command)
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        command, words = command.get_command(context, words[0]), words[1:]
        if command is None:
            return "no such command"
        context = command.context_class(command, parent=context)
    try:
        _, left, _ = command.make_parser(context).parse_args(list(words))
    except Exception as error:  # the library's own class of errors is private
        return str(error) or type(error).__name__
    return f"too much: {left}" if left else None


def _desk_problem(words: list[str]) -> str | None:
    try:
        arguments().parse_args(words)
    except SystemExit:
        return "options that it does not take"
    return None


def _make_problem(root: Path, words: list[str], watchfloor: TyperGroup) -> str | None:
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE))
    for word in words:
        name, equals, value = word.partition("=")
        if not equals and name not in targets:
            return f"no target {name}"
        if name == "ARGS" and words[0] == "demo":
            return _cli_problem(watchfloor, ["demo", *shlex.split(value)])
    return None


def test_every_command_exists_with_its_options(commands, root: Path, watchfloor):
    assert len(commands) > 40
    problems = [
        f"{where}: {shlex.join(words)}: {problem}"
        for where, words in commands
        if (problem := _problem(words, root, watchfloor))
    ]
    assert problems == []


@pytest.mark.parametrize(
    "words",
    [
        ["watchfloor", "serve", "--ports", "1"],
        ["watchfloor", "serve", "now"],
        ["watchfloor", "sreve"],
        ["watchfloor", "deadletters", "redo"],
        ["make", "dmeo"],
        ["make", "demo", "ARGS=--town new-orleans"],
        ["python", "tests/benchmarks/nothing.py"],
        ["pip", "install", "./connectors/nobody"],
        ["frobnicate"],
    ],
    ids=" ".join,
)
def test_the_check_itself_finds_what_is_wrong(words: list[str], root: Path, watchfloor):
    assert _problem(words, root, watchfloor)


def test_every_command_of_the_command_line_is_documented(pages, watchfloor):
    text = "".join(page.text for page in pages.values())
    for name, command in watchfloor.commands.items():
        assert f"watchfloor {name}" in text
        for inner in getattr(command, "commands", ()):
            assert f"watchfloor {name} {inner}" in text


def test_every_target_of_make_is_documented(pages, root: Path):
    offered = re.findall(r"^([a-z-]+):.*## ", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
    text = "".join(page.text for page in pages.values())
    assert [target for target in offered if f"make {target}" not in text] == []


@pytest.mark.parametrize("command", ["make help", "watchfloor --version", "watchfloor --help"])
def test_the_quick_ones_run(command: str, root: Path):
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    subprocess.run(shlex.split(command), cwd=root, env={"PATH": path}, check=True, timeout=60)
