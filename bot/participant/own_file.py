"""What is kept of her, to be read by her: counted in a few lines, and whole in a file.

* The file says all that stands in the store, as it stands there; its headings are the catalogue's.
"""

from __future__ import annotations

from locales.catalog import load_catalog
from storage.facts import Person
from storage.own_data import Tables

TABLE_KEYS = {
    "participants": "own.participants",
    "vault": "own.vault",
    "dates": "own.dates",
    "contacts": "own.contacts",
    "preferences": "own.preferences",
    "invitations": "own.invitations",
    "accounts": "own.accounts",
    "consents": "own.consents",
    "pauses": "own.pauses",
    "stops": "own.stops",
    "checkins": "own.checkins",
    "revisions": "own.revisions",
    "answers": "own.answers",
    "captures": "own.captures",
    "enrolments": "own.enrolments",
    "employments": "own.employments",
    "incomes": "own.incomes",
    "supports": "own.supports",
    "measurements": "own.measurements",
    "files": "own.files",
    "cases": "own.cases",
    "case_log": "own.case_log",
    "notices": "own.notices",
    "attempts": "own.attempts",
    "recipients": "own.recipients",
}
"""The heading of each table."""

HEADING_KEYS = ("own.opening", "own.other")
OPENING, OTHER = HEADING_KEYS


def counted(found: Tables, her: Person) -> dict[str, str | int]:
    """How much of each kind there is, for the chat."""
    return {
        "called": her.called or "—",
        "answers": len(found.get("answers", ())),
        "jobs": len(found.get("employments", ())),
        "incomes": len(found.get("incomes", ())),
        "voices": sum("voice" in str(row.get("kind", "")) for row in found.get("files", ())),
        "messages": len(found.get("cases", ())),
        "purposes": len(her.purposes),
    }


def as_file(found: Tables, speech: str) -> bytes:
    """All of it as a text."""
    catalog = load_catalog()
    blocks = [catalog.text(OPENING, speech)]
    for table, rows in found.items():
        heading = catalog.text(TABLE_KEYS.get(table, OTHER), speech).upper()
        told = ["\n".join(f"  {name}: {value}" for name, value in row.items()) for row in rows]
        blocks.append("\n\n".join((heading, *told)))
    return "\n\n\n".join(blocks).encode("utf-8-sig")
