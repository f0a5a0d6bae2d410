"""A store full of answers, of any size, written past our own code: each woman has eight check-ins of twelve answers."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from storage.upgrade import upgrade
from tests.support.world import sqlite_url

POINTS = ("s1", "m1", "m3", "m6", "m9", "m12", "m18", "m24")

FORM = """
| settings |         |
|          | version |
|          | 7       |

| survey |                       |              |                     |             |
|        | type                  | name         | label::Español (es) | hilo::money |
|        | select_one si_no      | trabaja      | ¿Trabajas?          |             |
|        | select_multiple tipos | tipos        | ¿En qué?            |             |
|        | text                  | ingreso      | ¿Cuánto?            | yes         |
|        | integer               | hijos        | ¿Cuántas hijas?     |             |
|        | integer               | edad         | ¿Edad?              |             |
|        | text                  | cuenta       | ¿Qué más?           |             |
|        | select_one si_no      | apoyo        | ¿Apoyas?            |             |
|        | integer               | dependientes | ¿Cuántas?           |             |
|        | decimal               | horas        | ¿Horas?             |             |
|        | date                  | cuando       | ¿Cuándo?            |             |
|        | select_one si_no      | ayuda        | ¿Ayuda?             |             |
|        | integer               | valoracion   | ¿Del 1 al 5?        |             |

| choices |           |            |                     |
|         | list_name | name       | label::Español (es) |
|         | si_no     | si         | Sí                  |
|         | si_no     | no         | No                  |
|         | tipos     | autoempleo | Por mi cuenta       |
|         | tipos     | otro       | Otro                |
"""

_ANSWERS = (
    ("trabaja", 0, "CASE WHEN i % 3 THEN '\"si\"' ELSE '\"no\"' END"),
    ("tipos", 0, '\'["autoempleo","otro"]\''),
    (
        "ingreso",
        0,
        '\'{"money":"\' || (abs(random()) % 20000) || \'.50","period":"quincena","high":null,"days":null}\'',
    ),
    ("hijos", -88, "NULL"),
    ("edad", 0, "18 + i % 50"),
    ("cuenta", 0, "NULL"),
    ("apoyo", 0, "'\"no\"'"),
    ("dependientes", 0, "i % 7"),
    ("horas", 0, "'{\"decimal\":\"' || (abs(random()) % 60) || '.5\"}'"),
    ("cuando", 0, "'{\"date\":\"' || date('2024-01-01', '+' || (i % 300) || ' days') || '\"}'"),
    ("ayuda", -99, "NULL"),
    ("valoracion", 0, "1 + i % 5"),
)
A_CHECKIN = len(_ANSWERS)
_STRIDE = 7_000_000_003
_EACH = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {women}),"
    " q(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM q WHERE j < {last}) "
)
_POINT = "CASE j " + " ".join(f"WHEN {place} THEN '{point}'" for place, point in enumerate(POINTS)) + " END"
_ZONE = "CASE WHEN i % 10 THEN 'America/Mexico_City' ELSE 'America/Tijuana' END"
_LONG_AGO = "'2024-01-01 00:00:00.000000'"
_STATEMENTS = (
    "INSERT INTO participants (id, person, plan, release_on, birth_year, centre, cohort, added_at)"
    f" SELECT i * {_STRIDE}, 'p' || lower(hex(randomblob(8))), 'seguimiento',"
    f" date('2024-01-01', '+' || (i % 365) || ' days'), 1970 + i % 35, 'SMA', '2024', {_LONG_AGO} FROM n",
    "INSERT INTO preferences (participant_id, zone, slot, trato, language)"
    f" SELECT i * {_STRIDE}, {_ZONE}, 'cualquiera', 'tu', 'es' FROM n",
    "INSERT INTO checkins (id, participant_id, plan, point, series, instrument, added_at, state, due_on, opens_at,"
    f" closes_at, fate, closed_at, reminders_sent) SELECT (i * 8 + j) * {_STRIDE}, i * {_STRIDE}, 'seguimiento',"
    f" {_POINT}, {_POINT}, 'seguimiento', {_LONG_AGO}, 'closed',"
    f" date('2024-01-01', '+' || (i % 365 + 30 * j) || ' days'), {_LONG_AGO}, {_LONG_AGO}, 'completed', {_LONG_AGO}, 1"
    " FROM n, q",
)
_ANSWER = (
    "INSERT INTO answers (id, checkin_id, variable, revision, status, value, mode, instrument, version, at)"
    " SELECT ((i * 8 + j) * 12 + {place}) * {stride} % 4611686018427387904, (i * 8 + j) * {stride}, '{variable}', 1,"
    " {status}, {value}, 'chat', 'seguimiento', '7', strftime('%Y-%m-%d %H:%M:%S.000000', '2024-02-01',"
    " '+' || (i % 365 + 30 * j) || ' days', '+{place} minutes') FROM n, q WHERE i BETWEEN {first} AND {until}"
)
_AT_ONCE = 500
"""Women whose answers are written one after the other, so that those of a check-in lie near each other, as they do
where she gave them."""


def populate(database: Path, *, women: int) -> None:
    """Make a migrated store with so many women and 96 answers each."""
    asyncio.run(upgrade(sqlite_url(database)))
    each = _EACH.format(women=women, last=len(POINTS) - 1)
    with closing(sqlite3.connect(database, isolation_level=None)) as rows:
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
            rows.execute(f"PRAGMA {pragma}")
        rows.execute("BEGIN")
        for statement in _STATEMENTS:
            rows.execute(_into(statement, each))
        for first in range(1, women + 1, _AT_ONCE):
            near = _EACH.format(women=first + _AT_ONCE - 1, last=len(POINTS) - 1).replace(
                "SELECT 1 ", f"SELECT {first} "
            )
            for place, (variable, status, value) in enumerate(_ANSWERS):
                known = {"place": place, "variable": variable, "status": status, "value": value, "stride": _STRIDE}
                until = min(women, first + _AT_ONCE - 1)
                rows.execute(_into(_ANSWER.format(**known, first=first, until=until), near))
        rows.execute("COMMIT")
        rows.execute("ANALYZE")
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _into(statement: str, each: str) -> str:
    into, found, select = statement.partition(" SELECT ")
    return f"{into} {each}{found}{select}"
