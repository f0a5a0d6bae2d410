"""A store as it stands half a year into a programme, of any size, written past our own code.

* Every woman has a chat, her consents and six check-ins: three behind her, three to come. `due` of them, spread evenly,
  have one whose moment is now; whatever nobody opens (names, other women's chats) is as long as the real thing.
* Releases are spread over a year, so that a plan that is loaded finds many dates.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

from storage.vault import Place, Vault
from tests.support.fieldwork import BOT_ID

STRIDE = 7_000_000_003
"""Between two ids, so that they are as long as random ones."""

BEHIND = (("s1", "llegada"), ("m1", "seguimiento"), ("m3", "seguimiento"))
TO_COME = (("m6", 1), ("m12", 200), ("m24", 560))
"""Points still to come, and the earliest day from now on which the first woman's opens."""

PLAN = "seguimiento"
_EACH = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :women) "

_PEOPLE = (
    "INSERT INTO participants (id, person, plan, release_on, added_at, enrolled_at)"
    " SELECT i * :stride, 'p' || hex(randomblob(8)), :plan, date(:at, '-' || (i % 365) || ' days'), :before, :before"
    " FROM n",
    "INSERT INTO vault (participant_id, record_id_digest, record_id, name)"
    " SELECT i * :stride, 'd1.' || hex(randomblob(16)), randomblob(45), randomblob(52) FROM n",
    "INSERT INTO preferences (participant_id, zone, slot, reminders, trato, language)"
    " SELECT i * :stride, 'America/Mexico_City', 'cualquiera', 1, 'tu', 'es' FROM n",
    "INSERT INTO invitations (id, participant_id, token_digest, tries, created_at, expires_at, used_at)"
    " SELECT i * :stride, i * :stride, 'd1.' || hex(randomblob(16)), 0, :before, :before, :before FROM n",
    "INSERT INTO accounts (id, lane, participant_id, chat_id, invitation_id, linked_at)"
    " SELECT i * :stride, 'd1.' || hex(randomblob(16)), i * :stride, randomblob(40), i * :stride, :before FROM n",
    "INSERT INTO consents (id, participant_id, purpose, version, text_hash, given, how, at)"
    " SELECT i * :stride, i * :stride, 'seguimiento', '1', 'h', 1, 'chat', :before FROM n",
)
_CHECKINS = (
    "INSERT INTO checkins (id, participant_id, plan, point, series, instrument, added_at, state, owner, due_on,"
    " opens_at, closes_at, next_at, reminders_sent, fate, fate_reason, closed_at) SELECT "
)
_CLOSED = (
    "(i * 6 + :number) * :stride, i * :stride, :plan, :point, :point, :instrument, :before, 'closed', NULL,"
    " date(:before), :before, :at, NULL, 1, 'unreachable', 'no_answer', :at FROM n"
)
_OPEN = (
    "id, participant_id, :plan, :point, :point, 'seguimiento', :before, 'expected', 'bot', date(opens),"
    " opens, strftime(:form, opens, '+22 days'), opens, 0, NULL, NULL, NULL FROM (SELECT (i * 6 + :number) * :stride"
    " AS id, i * :stride AS participant_id, CASE WHEN :number = 3 AND i % :one_of = 0 THEN :at"
    " ELSE strftime(:form, :at, '+' || (:first + i % 170) || ' days') END AS opens FROM n)"
)
_FORM = "%Y-%m-%d %H:%M:%S.000000"
"""How the store writes an instant."""


def due_women(women: int, due: int) -> Iterator[int]:
    """Which women, by number, have a check-in whose moment is now."""
    return (number for number in range(1, women + 1) if due and number % (women // due) == 0)


def populate(database: Path, vault: Vault, *, women: int, due: int, at: datetime) -> None:
    """Fill a migrated, empty store whose present is `at`; without check-ins if none is `due`."""
    with closing(sqlite3.connect(database, isolation_level=None)) as rows:
        rows.execute("PRAGMA synchronous=OFF")
        rows.execute("PRAGMA foreign_keys=OFF")
        rows.execute("PRAGMA cache_size=-400000")
        rows.execute("BEGIN")
        known = {
            "women": women,
            "stride": STRIDE,
            "plan": PLAN,
            "form": _FORM,
            "at": at.strftime(_FORM),
            "before": (at - timedelta(days=180)).strftime(_FORM),
            "one_of": women // due if due else 0,
        }
        for statement in _PEOPLE:
            rows.execute(_into(statement), known)
        for number, (point, instrument) in enumerate(BEHIND if due else ()):
            told = {**known, "number": number, "point": point, "instrument": instrument}
            rows.execute(_into(_CHECKINS + _CLOSED), told)
        for number, (point, first) in enumerate(TO_COME if due else (), start=len(BEHIND)):
            rows.execute(_into(_CHECKINS + _OPEN), {**known, "number": number, "point": point, "first": first})
        chats = ((vault.digest("lane", f"{BOT_ID}:{n}"), _chat(vault, n), n * STRIDE) for n in due_women(women, due))
        rows.executemany("UPDATE accounts SET lane = ?, chat_id = ? WHERE id = ?", chats)
        rows.execute("COMMIT")
        rows.execute("ANALYZE")
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _into(statement: str) -> str:
    into, found, select = statement.partition(" SELECT ")
    return f"{into} {_EACH}{found}{select}"


def _chat(vault: Vault, number: int) -> bytes:
    return vault.seal(Place("accounts", "chat_id", number * STRIDE), str(number).encode())


def put_back(database: Path, *, women: int, due: int) -> None:
    """Undo what opening did, so that the same check-ins are due once more."""
    ids = [((number * 6 + 3) * STRIDE,) for number in due_women(women, due)]
    with closing(sqlite3.connect(database, isolation_level=None, timeout=30)) as rows:
        rows.execute("BEGIN IMMEDIATE")
        for table in ("messages", "outbox", "sessions"):
            rows.execute(f"DELETE FROM {table}")
        rows.executemany(
            "UPDATE checkins SET state = 'expected', invited_at = NULL, next_at = opens_at WHERE id = ?", ids
        )
        rows.execute("COMMIT")


def standing(database: Path) -> tuple[int, int]:
    """How many check-ins are invited, and how many invitations have left."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as rows:
        ((sent,),) = rows.execute("SELECT count(*) FROM outbox WHERE state = 'sent' AND message_id IS NOT NULL")
        ((open_,),) = rows.execute("SELECT count(*) FROM sessions WHERE closed_at IS NULL")
        return open_, sent


def copy(database: Path, to: Path) -> None:
    """A second store that holds the same."""
    with closing(sqlite3.connect(database)) as rows, closing(sqlite3.connect(to)) as other:
        rows.backup(other)


def insert_again(database: Path, other: Path, *, batch: int) -> float:
    """The seconds that sqlite3 alone takes to write the check-ins of one store into the other, so many in each
    commit, with the same care for the disk."""
    with closing(sqlite3.connect(database)) as rows:
        found = rows.execute("SELECT * FROM checkins ORDER BY participant_id, id").fetchall()
    into = f"INSERT INTO checkins VALUES ({', '.join('?' * len(found[0]))})"
    with closing(sqlite3.connect(other, isolation_level=None)) as rows:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            rows.execute(f"PRAGMA {pragma}")
        began = perf_counter()
        for start in range(0, len(found), batch):
            rows.execute("BEGIN IMMEDIATE")
            rows.executemany(into, found[start : start + batch])
            rows.execute("COMMIT")
        return perf_counter() - began
