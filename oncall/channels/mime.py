"""A letter as a mail: plain words and simple HTML, headers that no stranger's words can break, and no answer by a machine to it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from oncall.channels.channel import Outgoing

SEVEN_BITS = SMTP.clone(cte_type="7bit")
"""Nothing needs a server that takes more."""
LONGEST_SUBJECT = 200
ADDRESS = re.compile(r"https?://[A-Za-z0-9./:_-]*[A-Za-z0-9/]")
BY_THE_CLOCK = frozenset({"nobody_yet", "late", "late_held", "exhausted", "no_news"})
"""Notices that nothing of the customer's came before; all others answer something (RFC 3834, 5)."""
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode's categories of what nobody sees: control and format characters, lone surrogates, private and unassigned ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whom mails come from, and where answers to them go; None: to the sender."""

    address: Address
    reply_to: Address | None


def mail_of(outgoing: Outgoing, sender: Sender, to: str) -> EmailMessage:
    """The mail to `to`; the text's first line is the subject. The same order gives the same Message-ID, so that a mailbox knows a repeated one.

    The mails of an incident hang together by a parent that none of them is: whichever comes first, the others are found beside it.
    """
    subject, _, body = outgoing.text.partition("\n")
    body = "\n".join(visible(line) for line in body.strip().split("\n"))
    message = EmailMessage(policy=SEVEN_BITS)
    message["From"] = sender.address
    message["To"] = Address(addr_spec=to)
    if sender.reply_to is not None:
        message["Reply-To"] = sender.reply_to
    # An encoded word among the words would be decoded, with line ends in it, which Python then writes out or chokes on (CVE-2024-6923).
    message["Subject"] = visible(subject).replace("=?", "= ?")[:LONGEST_SUBJECT]
    if outgoing.at is not None:
        message["Date"] = format_datetime(outgoing.at)
    message["Message-ID"] = named(f"{outgoing.thread}/{outgoing.order}", sender)
    if outgoing.thread:
        message["In-Reply-To"] = message["References"] = named(outgoing.thread, sender)
    message["Auto-Submitted"] = "auto-generated" if outgoing.about in BY_THE_CLOCK else "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(body)
    message.add_alternative(page(body), subtype="html")
    # Drawn by chance otherwise, and one that is sent again is to be the same to the last byte.
    message.set_boundary(fingerprint(f"parts/{outgoing.thread}/{outgoing.order}"))
    return message


def named(name: str, sender: Sender) -> str:
    """The id of a mail, or of what mails hang together by: it says nothing, and is the same for the same name."""
    return f"<{fingerprint(name)}@{sender.address.domain}>"


def fingerprint(name: str) -> str:
    """The same characters for the same name, that nobody reads it from."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def visible(line: str) -> str:
    """One line without what nobody sees and what would end it, and without blanks at its ends."""
    return "".join(" " if char.isspace() else char for char in line if char.isspace() or unicodedata.category(char) not in INVISIBLE).strip()


def page(body: str) -> str:
    """The words as HTML, paragraph by paragraph, with the addresses of our pages to be clicked; strangers' were cut before."""
    linked = ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', escape(body))
    paragraphs = "".join(f"<p>{part.replace(chr(10), '<br>')}</p>\n" for part in linked.split("\n\n"))
    return f'<!doctype html>\n<html>\n<head><meta charset="utf-8"></head>\n<body>\n{paragraphs}</body>\n</html>\n'
