"""What agency IT sets. The same fields stand in ``connector.json`` under ``config_schema``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

Word = Annotated[str, Meta(pattern=r"^(dppa|glba):([0-9]{1,2}|none)=[^\s=]{1,40}\Z")]

CaseFormat = Annotated[str, Meta(min_length=1, max_length=64)]


class Settings(Struct, kw_only=True, frozen=True):
    """``ctx.http`` starts relative addresses at ``base_url``.

    ``allowed_dppa`` and ``allowed_glba`` are the codes that this agency may claim.
    ``case_formats``: how its case numbers look: ``#`` for a digit, ``@`` for a capital letter,
    ``*`` for either.
    ``code_words``: the vendor's own words for codes, from its contract: ``glba:5=otheruse``.
    """

    base_url: str
    token_url: str
    case_formats: Annotated[tuple[CaseFormat, ...], Meta(min_length=1)]
    allowed_dppa: tuple[str, ...] = ("1", "none")
    allowed_glba: tuple[str, ...] = ("5", "none")
    code_words: list[Word] = []

    @property
    def words(self) -> Mapping[str, str]:
        """The vendor's word by ``system:code``."""
        return dict(text.split("=", 1) for text in self.code_words)
