"""Who writes each kind of record that a dialogue returns: one table for all of them.

* They are called in its order, each with all that a batch has for it.
"""

from __future__ import annotations

from scheduler import calling, correcting, registering
from storage import (
    approvals,
    broadcast_desk,
    call_desk,
    captures,
    cases,
    cases_work,
    cleaning,
    deliveries,
    departures,
    detections,
    digest,
    dossiers,
    files,
    freezing,
    gates,
    instruments,
    interviews,
    invitations,
    ledger,
    members,
    notices,
    orders,
    overheard,
    pauses,
    people,
    recovery,
    requests,
    stops,
    trail,
    turned_away,
    voices,
    watches,
    withdrawals,
)
from storage.exports import jobs
from storage.records import Writer
from storage.report import making

WRITERS: dict[type, Writer] = {
    **invitations.WRITERS,
    **people.WRITERS,
    **members.WRITERS,
    **departures.WRITERS,
    **ledger.WRITERS,
    **interviews.WRITERS,
    **captures.WRITERS,
    **cases.WRITERS,
    **detections.WRITERS,
    **overheard.WRITERS,
    **cases_work.WRITERS,
    **notices.WRITERS,
    **broadcast_desk.WRITERS,
    **deliveries.WRITERS,
    **watches.WRITERS,
    **instruments.WRITERS,
    **files.WRITERS,
    **voices.WRITERS,
    **pauses.WRITERS,
    **stops.WRITERS,
    **dossiers.WRITERS,
    **call_desk.WRITERS,
    **digest.WRITERS,
    **making.WRITERS,
    **jobs.WRITERS,
    **approvals.WRITERS,
    **trail.WRITERS,
    **turned_away.WRITERS,
    **recovery.WRITERS,
    **requests.WRITERS,
    **withdrawals.WRITERS,
    **freezing.WRITERS,
    **gates.WRITERS,
    **cleaning.WRITERS,
    **orders.WRITERS,
    **calling.WRITERS,
    **correcting.WRITERS,
    **registering.WRITERS,
}
"""Who writes each kind of record; they are called in this order."""
