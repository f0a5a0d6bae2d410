"""The privacy notice: what she is shown at first contact, the whole text as a file, and which version she agreed to.

* Both texts are hashed together; the hash and the version stand with every consent that she gives in her chat.
* An organisation puts its own whole text beside its store; the one that is shipped is a form to complete.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from conversations.speech import FileHanded
from locales.catalog import SPANISH, load_catalog
from storage.consents import Agreed

NOTICE_KEYS = ("enrolment.notice_1", "enrolment.notice_2", "enrolment.notice_3")
"""What she is shown, in messages that a small screen shows without scrolling; its buttons stand under the last."""

OWN = "aviso.md"
"""Where an organisation's whole text stands, in the folder of its store."""

SHIPPED = Path(__file__).with_name("aviso.md")

FILE = "informacion.txt"
"""How the file is called in her chat, where anybody may read its name."""

HOURS = 1
"""How long it stands there: she can keep it elsewhere meanwhile."""

SHORT = 8
"""Digits of a hash that stand for a version."""

_VERSION = re.compile(r"Versi[oó]n:? +(?P<version>[\w.-]+)", re.IGNORECASE)


class NoticeUnreadable(ValueError):
    """The whole text is no text."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A version of the notice: its name, the hash of what is shown together with the whole text, and that text."""

    version: str
    text_hash: str
    text: str = ""

    def is_what(self, agreed: Agreed | None) -> bool:
        """Whether this is the notice that she agreed to: of a paper the version alone is known."""
        if agreed is None:
            return False
        return agreed.version == self.version and agreed.text_hash in ("", self.text_hash)

    def handed(self, session: int) -> FileHanded:
        """The whole text as a file."""
        return FileHanded(FILE, self.text.encode(), session, HOURS)


def notice_of(home: Path) -> Notice:
    """The notice that counts for the store in this folder; a text that names no version in its first line is called by
    the beginning of its hash. Raises NoticeUnreadable."""
    own = home / OWN
    try:
        text = (own if own.is_file() else SHIPPED).read_text("utf-8")
    except UnicodeDecodeError:
        raise NoticeUnreadable(f"{OWN} is not UTF-8 text") from None
    catalog = load_catalog()
    whole = "\n\n".join((*(catalog.text(key, SPANISH) for key in NOTICE_KEYS), text))
    text_hash, named = sha256(whole.encode()).hexdigest(), _VERSION.search(text.partition("\n")[0])
    return Notice(named["version"] if named else text_hash[:SHORT], text_hash, text)
