"""Which rows of the outcome store hold, by what was known at a moment.

* A row holds from when it was learned until something truer replaced it; nothing is changed in place.
* What was imported is learned all at once, when its import was done: half a file never counts.
* Who is enrolled and never came has attended nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Table, func, or_, select

from storage.schema import enrolments, imports


def known(table: Table, at: datetime | None = None) -> ColumnElement[bool]:
    """The rows of a table with a source (`storage/schema.py: _source`) that hold now, or held at that moment."""
    done = imports.c.done_at.is_not(None) if at is None else imports.c.done_at <= at
    whole = or_(table.c.import_id.is_(None), table.c.import_id.in_(select(imports.c.id).where(done)))
    if at is None:
        return whole & table.c.replaced_at.is_(None)
    return whole & (table.c.learned_at <= at) & or_(table.c.replaced_at.is_(None), table.c.replaced_at > at)


ATTENDED: ColumnElement[bool] = func.coalesce(enrolments.c.sessions_attended >= 1, enrolments.c.completed, False)
"""Of an enrolment: she came once at least, or completed it where nobody has counted (definitions version 1, rule 2)."""
