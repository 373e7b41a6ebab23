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
    owner: Annotated[
        str | None, typer.Option(help="Who answers for it.", show_default="its contributors")
    ] = None,
) -> None:
    """Write a connector that passes its own tests; then make it yours."""
    with failing_well():
        plan = Plan(name, kind, owner or f"{name} contributors")
        written = write(plan, Path(name))
        out.print(f"Wrote {len(written)} files into [bold]{plain(name)}/[/].")
        out.print(_next_steps(plan))


def _next_steps(plan: Plan) -> str:
    code = f"src/{plan.package}"
    return f"""
Next:
  cd {plan.name}
  pip install -e '.\\[dev]'    into the environment that this command is in
  ./check.sh                  linter, types, tests: all pass
  watchfloor-sdk run          the connector against its simulator

Then make it yours, in this order:
  {code}/connector.json       what it is and what it may touch
  simulator/                  the vendor's system, from its documentation
  {code}/mapping.py           the vendor's words to ours, with tests/test_mapping.py
  {code}/connector.py         talking to the vendor"""
