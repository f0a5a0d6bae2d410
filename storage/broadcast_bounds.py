"""Whether a broadcast goes to women whom its maker does not see: her caseload or her role may have shrunk since.

* Whoever sees all bounds nothing, nor does the command line.
* Somebody else who takes such a broadcast up answers for its list from then on.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select

from storage.members import SEES_ALL
from storage.schema import broadcasts, participants, recipients, staff


def lists_others() -> ColumnElement[bool]:
    """Of a broadcast: its list has women who are not of its maker's caseload, whatever became of them."""
    of_list = (recipients.c.broadcast_id == broadcasts.c.id) & (recipients.c.participant_id == participants.c.id)
    others = participants.c.staff_id.is_distinct_from(broadcasts.c.made_by)
    return exists().where(of_list, others).correlate(broadcasts)


def goes_beyond() -> ColumnElement[bool]:
    """Of a broadcast: its maker does not see all on its list, and nobody else has taken it up."""
    bound = select(staff.c.id).where(staff.c.id == broadcasts.c.made_by, staff.c.role.not_in(SEES_ALL))
    return broadcasts.c.taken_up_at.is_(None) & bound.correlate(broadcasts).exists() & lists_others()
