"""The provider's pages: plain HTML, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import urlsplit

from aiohttp import web

from .people import Person

_HERE = files(__package__)
STYLE = (_HERE / "style.css").read_text("utf-8")
_FRAME = Template((_HERE / "frame.html").read_text("utf-8"))


def choose(page: str, people: Iterable[Person], uri: str) -> str:
    """Whom to play."""
    known = [*people]
    return _framed(
        "Who is signing in?",
        f'<p class="lead">Choose whom you play. You go on to <b>{escape(_origin(uri))}</b>.</p>'
        f'<form method="post" action="/person">{_hidden(page)}'
        f"{_cards(one for one in known if not one.aside)}"
        "<h2>To see what happens</h2>"
        f"{_cards(one for one in known if one.aside)}</form>",
    )


def factor(page: str, person: Person) -> str:
    """The second factor, pretended: the hub is told what was clicked."""
    return _framed(
        f"Is it you, {escape(person.given)}?",
        '<p class="lead">Your agency asks for a second factor. Here a click stands for touching '
        "your security key.</p>"
        f'<form method="post" action="/factor" class="factor">{_hidden(page)}'
        f'<p class="badge">{_sign(person)}'
        f'<span class="who"><strong>{escape(person.name)}</strong>'
        f"<em>{escape(person.title)}</em></span></p>"
        '<button class="main" name="answer" value="touched" autofocus>'
        "Touch the security key</button>"
        '<div class="others"><button name="answer" value="skipped">Go on with one factor: the '
        "hub will refuse</button>"
        '<button name="answer" value="cancel">Cancel</button></div></form>',
    )


def home(person: Person | None) -> str:
    """Who is signed in here."""
    if person is None:
        return _framed("You are signed out", '<p class="lead">Open the console to sign in.</p>')
    return _framed(
        f"You are signed in as {escape(person.name)}",
        '<p class="lead">Signing out here ends your session at every hub.</p>'
        '<form method="post" action="/sign-out"><button class="main">Sign out everywhere</button>'
        "</form>",
    )


def problem(why: str) -> str:
    """Why it goes no further."""
    return _framed("This goes no further", f'<p class="lead">{escape(why)}</p>')


def response(text: str, *, sends_to: str = "", status: int = 200) -> web.Response:
    """A page. ``sends_to``: where its form leads in the end, which browsers check as well."""
    policy = (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {_origin(sends_to)}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(text=text, content_type="text/html", headers=headers, status=status)


def _framed(title: str, body: str) -> str:
    return _FRAME.substitute(title=title, body=body)


def _cards(people: Iterable[Person]) -> str:
    cards = "".join(
        f'<li><button name="person" value="{escape(one.id)}">{_sign(one)}'
        f'<span class="who"><strong>{escape(one.name)}</strong>'
        f"<em>{escape(one.title)}</em><span>{escape(one.told)}</span></span></button></li>"
        for one in people
    )
    return f'<ul class="people">{cards}</ul>'


def _sign(person: Person) -> str:
    return f'<span class="sign" aria-hidden="true">{escape(person.initials)}</span>'


def _hidden(page: str) -> str:
    return f'<input type="hidden" name="page" value="{escape(page)}">'


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
