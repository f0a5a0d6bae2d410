"""A plan in three wordings, over one short instrument: points that move, come and go, and what becomes of overlaps."""

from __future__ import annotations

from pathlib import Path

from storage import instruments
from storage.database import Database

INSTRUMENT = """| settings |
|  | form_title | form_id | version |
|  | Dos cosas  | corta   | 1       |

| survey |
|  | type             | name | label             | hilo::short |
|  | select_one si_no | agua | ¿Hay agua ahí?    | Agua        |
|  | select_one si_no | luz  | ¿Y hay luz?       | Luz         |

| choices |
|  | list_name | name | label |
|  | si_no     | si   | Sí    |
|  | si_no     | no   | No    |
"""

_HEAD = 'name = "{name}"\noverlap = "{overlap}"\nlate = "{late}"\n'
_POINT = '[[points]]\nname = "{0}"\n{1}\nwindow = {{ after = {2} }}\ninstruments = ["corta"]\n{3}\n'
_LADDER = "reminders = [{ days = 1 }, { days = 2 }, { days = 4 }]\ncall_after = { days = 3 }"
NAME = "prueba"
FIRST = ("s1", "offset = { days = 7 }", 13, _LADDER)
SERIES = "cada"
PLANS = tuple(
    _HEAD.format(name=NAME, overlap=overlap, late=late) + "".join(_POINT.format(*point) for point in points)
    for overlap, late, points in (
        (
            *("queue", "open"),
            (
                FIRST,
                (SERIES, "offset = { months = 1 }\nevery = { months = 2 }\nuntil = { months = 9 }", 21, _LADDER),
                ("m24", "offset = { months = 24 }", 45, "reminders = [{ days = 2 }]"),
            ),
        ),
        (
            *("merge", "open"),
            (
                FIRST,
                ("d45", "offset = { days = 45 }", 30, _LADDER),
                (SERIES, "offset = { months = 1 }\nevery = { months = 1 }\ntimes = 4", 24, _LADDER),
            ),
        ),
        (
            *("cancel", "not_due"),
            (
                ("s1", "offset = { days = 10 }", 5, "reminders = [{ hours = 20 }]"),
                ("una_vez", "on = 2027-02-10", 40, ""),
                (SERIES, "offset = { weeks = 3 }\nevery = { weeks = 5 }\ntimes = 6", 40, _LADDER),
                ("m24", "offset = { months = 24 }", 45, ""),
            ),
        ),
    )
)
"""What the plan says at first, and what it can be made to say."""


async def install(database: Database) -> None:
    """Put the short instrument in use."""
    async with database.transact() as tx:
        await instruments.install(tx, ("corta", "1", INSTRUMENT), by="command")


def first_plan(folder: Path) -> Path:
    """The file of the plan as it is at first."""
    path = folder / "plan.toml"
    path.write_text(PLANS[0], encoding="utf-8")
    return path
