"""Letters leave: to the agency's mail server (RFC 5321, RFC 6409), or into a folder."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from .book import Letter
from .mailbag import Mailbag
from .settings import Settings

TIMEOUT_S = 30.0
TRIES = 30
"""At one an hour in the end: more than a day."""
_FIRST_S, _LONGEST_S = 30, 3600

log = logging.getLogger(__name__)

Carrier = Callable[[Letter], None]
"""Takes a letter to where it goes. Raises ``Undeliverable``, or ``OSError`` for another try."""


class Undeliverable(Exception):
    """There is nobody at this address."""


class Post:
    """Takes what is due, letter by letter. One that could not leave is tried again, ever later."""

    def __init__(self, mailbag: Mailbag, carrier: Carrier) -> None:
        self._mailbag = mailbag
        self._carrier = carrier

    def deliver(self) -> int:
        """All that is due; says how many have left. Blocking."""
        left = 0
        while (letter := self._mailbag.due()) is not None:
            left += self._delivered(letter)
        return left

    def _delivered(self, letter: Letter) -> bool:
        try:
            self._carrier(letter)
        except Undeliverable:
            self._mailbag.undeliverable(letter)
        except (OSError, ValueError) as error:  # ValueError: settings that make no letter
            # Its words may hold the address: only its kind is told.
            log.warning("A letter could not leave: %s.", type(error).__name__)
            self._later(letter)
        else:
            self._mailbag.sent(letter)
            return True
        return False

    def _later(self, letter: Letter) -> None:
        if letter.tries + 1 >= TRIES:
            self._mailbag.undeliverable(letter)
        else:
            self._mailbag.postpone(letter, min(_FIRST_S * 2**letter.tries, _LONGEST_S))


def carrier(settings: Settings, folder: Path) -> Carrier:
    """To the mail server of the settings, or else into the folder."""
    return _to_server(settings) if settings.server else _to_folder(settings, folder)


def message(letter: Letter, settings: Settings, cte: str | None = None) -> EmailMessage:
    """The letter as it leaves. ``Message-ID`` (RFC 5322, section 3.6.4) is the same with every
    try; ``Auto-Submitted`` keeps answering machines quiet (RFC 3834, section 5)."""
    made = EmailMessage(SMTP)
    made["From"] = settings.sender
    made["To"] = letter.recipient
    made["Subject"] = letter.subject
    made["Date"] = format_datetime(datetime.fromtimestamp(letter.made, UTC))
    domain = settings.sender.rpartition("@")[2]
    made["Message-ID"] = f"<camera-registry.{letter.made}.{letter.id}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.body, cte=cte)
    return made


def _to_folder(settings: Settings, folder: Path) -> Carrier:
    """Unfolded, so that links can be copied."""
    folder.mkdir(mode=0o700, exist_ok=True)

    def carry(letter: Letter) -> None:
        written = message(letter, settings, cte="8bit")
        (folder / f"{letter.made}-{letter.id}.eml").write_bytes(written.as_bytes())

    return carry


def _to_server(settings: Settings) -> Carrier:
    url = urlsplit(settings.server or "")

    def carry(letter: Letter) -> None:
        try:
            with _session(url.scheme, url.hostname or "", url.port) as session:
                if settings.username and settings.password_file:
                    password = Path(settings.password_file).read_text("utf-8").strip()
                    session.login(settings.username, password)
                session.send_message(message(letter, settings))
        except smtplib.SMTPRecipientsRefused as error:
            if all(code >= 500 for code, _ in error.recipients.values()):
                raise Undeliverable from None
            raise

    return carry


def _session(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    """Encrypted, with a verified certificate, before anything is said."""
    tls = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_S, context=tls)
    session = smtplib.SMTP(host, port or 587, timeout=TIMEOUT_S)
    session.starttls(context=tls)
    return session
