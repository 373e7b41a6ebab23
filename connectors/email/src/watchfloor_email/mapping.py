"""An alert's message as a letter. Pure.

Headers are made by the standard library's email package only, which refuses line breaks in them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from watchfloor_sdk import ActionRequest
from watchfloor_sdk.alert import Message, headline, particulars, read_alert


def to_letter(
    request: ActionRequest, sender: str, recipients: Sequence[str], now: datetime
) -> EmailMessage:
    """The letter. Its subject has no plate, name or place: subjects are shown on locked screens.

    ``Message-ID`` (RFC 5322, section 3.6.4) follows from the idempotency key, so a repeat is
    recognisable as one; ``References`` is the same for all letters about one alert, so they stand
    together. ``Auto-Submitted`` keeps answering machines quiet (RFC 3834, section 5).
    """
    message = read_alert(request)
    domain = domain_of(sender)
    letter = EmailMessage(SMTP)
    letter["From"] = sender
    letter["To"] = ", ".join(recipients)
    letter["Subject"] = headline(message)
    letter["Date"] = now
    letter["Message-ID"] = _id("message", request.idempotency_key, domain)
    letter["References"] = _id("alert", message.data.link, domain)
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(_body(message))
    return letter


def domain_of(address: str) -> str:
    """The part behind the ``@``."""
    return address.rpartition("@")[2]


def _body(message: Message) -> str:
    lines = [f"{name}: {text}" for name, text in particulars(message)]
    return "\n".join([headline(message), "", *lines, ""])


def _id(what: str, word: str, domain: str) -> str:
    return f"<{what}.{hashlib.sha256(word.encode()).hexdigest()[:32]}@{domain}>"
