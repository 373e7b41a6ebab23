"""What agency IT sets. The same fields stand in ``connector.json`` under ``config_schema``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

Code = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9]\Z")]
"""A state's or region's two characters."""
Region = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9]=[A-Z]{2}(,[A-Z]{2})*\Z")]


class Settings(Struct, kw_only=True, frozen=True):
    """``ctx.http`` starts relative addresses at ``base_url``.

    ``regions`` say which states answer for a region: ``Z1=KS,MO``. ``settle_s``: for how long more
    answers are waited for once every state has answered; a state may send several.
    """

    base_url: str
    ori: Annotated[str, Meta(pattern=r"^[A-Z0-9]{9}\Z")]
    home_state: Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z")]
    regions: list[Region] = []
    settle_s: Annotated[float, Meta(ge=0, le=60)] = 3.0

    @property
    def states_of(self) -> Mapping[str, tuple[str, ...]]:
        """The states of each region."""
        parts = (text.partition("=") for text in self.regions)
        return {name: tuple(states.split(",")) for name, _, states in parts}
