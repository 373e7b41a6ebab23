"""The words of pages and letters, from the templates beside this module."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from .book import FootageRequest, Registration
from .settings import Settings

TEXT_VERSION = "2026-11"
"""Of what owners agree to: the part of the form under "How it works". A new text is a new one."""

Written = tuple[str, str]
"""Subject and body."""


class Wording:
    """Until ``links_at`` has said how links begin, they begin with the settings' ``public_url``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._zone = ZoneInfo(settings.time_zone)
        self._templates = Environment(
            loader=PackageLoader(__package__),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(
            agency=settings.agency,
            contact=settings.contact,
            evidence=settings.evidence,
            window=self.window,
        )
        self.links_at(settings.public_url or "")

    def links_at(self, url: str) -> None:
        """How links begin from now on, without a slash at the end."""
        self._templates.globals["url"] = url

    def page(self, name: str, **values: object) -> str:
        """A page, with every value escaped."""
        return self._templates.get_template(f"{name}.html").render(values)

    def confirm(self, confirm: str, withdraw: str) -> Written:
        """To an address that somebody typed: nothing in it is theirs to choose."""
        return self._letter("confirm", "Confirm your camera", confirm=confirm, withdraw=withdraw)

    def confirmed(self, owner: Registration, withdraw: str) -> Written:
        """The camera is on the list."""
        return self._letter(
            "confirmed", "Your camera is registered", owner=owner, withdraw=withdraw
        )

    def request(
        self, owner: Registration, request: FootageRequest, answer: str, withdraw: str
    ) -> Written:
        """The agency asks for footage."""
        subject = f"Request for footage {request.reference}"
        return self._letter(
            "request", subject, owner=owner, request=request, answer=answer, withdraw=withdraw
        )

    def taken_back(self, owner: Registration, request: FootageRequest, withdraw: str) -> Written:
        """It does not need it any more."""
        subject = f"Request for footage {request.reference} is taken back"
        return self._letter("taken_back", subject, owner=owner, request=request, withdraw=withdraw)

    def window(self, request: FootageRequest) -> str:
        """From when to when, as the owner's clock shows it."""
        start, end = self._local(request.window_start), self._local(request.window_end)
        until = f"{end:%H:%M}" if start.date() == end.date() else _moment(end)
        return f"{_moment(start)} to {until} ({end:%Z})"

    def _local(self, seconds: int) -> datetime:
        return datetime.fromtimestamp(seconds, UTC).astimezone(self._zone)

    def _letter(self, name: str, subject: str, **values: object) -> Written:
        body = self._templates.get_template(f"{name}.txt").render(values)
        return f"{self._settings.agency}: {subject}", body


def _moment(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B %Y}, {moment:%H:%M}"
