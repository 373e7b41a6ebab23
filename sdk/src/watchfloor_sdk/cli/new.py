"""``watchfloor-sdk new``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from watchfloor_sdk.scaffold import Kind, Plan, write

from .output import failing_well, out, plain


def new(
    name: Annotated[
        str, typer.Argument(help="The connector's id, and its folder: small letters and hyphens.")
    ],
    kind: Annotated[Kind, typer.Option(help="How the vendor's data comes.")],
    declarative: Annotated[
        bool, typer.Option("--declarative", help="A mapping file instead of Python.")
    ] = False,
    owner: Annotated[
        str | None, typer.Option(help="Who answers for it.", show_default="its contributors")
    ] = None,
) -> None:
    """Write a connector that passes its own tests; then make it yours."""
    with failing_well():
        plan = Plan(name, kind, owner or f"{name} contributors", declarative)
        written = write(plan, Path(name))
        out.print(f"Wrote {len(written)} files into [bold]{plain(name)}/[/].")
        out.print(_next_steps(plan))


def _next_steps(plan: Plan) -> str:
    code = f"src/{plan.package}"
    mapping = "source.json" if plan.declarative else "mapping.py"
    commands = {
        f"cd {plan.name}": "",
        "pip install -e '.\\[dev]'": "into the environment that this command is in",
        "./check.sh": "linter, types, tests: all pass",
        "watchfloor-sdk run": "the connector against its simulator",
    }
    files = {
        f"{code}/connector.json": "what it is and what it may touch",
        "simulator/": "the vendor's system, from its documentation",
        f"{code}/{mapping}": "the vendor's words to ours, with tests/test_mapping.py",
        f"{code}/connector.py": "talking to the vendor",
    }
    if plan.declarative:
        del files[f"{code}/connector.py"]
    return f"\nNext:\n{_table(commands)}\n\nThen make it yours, in this order:\n{_table(files)}"


def _table(rows: dict[str, str]) -> str:
    width = max(map(len, rows)) + 2
    return "\n".join(f"  {left:<{width}}{right}".rstrip() for left, right in rows.items())
