"""What erasure does to every table: one line for each, and none is left out.

* Where rows are hers, the line says how they are found; whoever adds a table decides here what becomes of her rows in
  it, or says why none is about a woman.
* Nothing is found by what somebody else has as well: a chat that other women use is theirs too, and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, false, or_, select

from storage.schema import (
    absences,
    accounts,
    answers,
    approvals,
    attempts,
    audit,
    blocked_consents,
    broadcasts,
    canned_answers,
    captures,
    case_log,
    cases,
    chats,
    checkins,
    consents,
    contacts,
    dates,
    detections,
    employments,
    enrolments,
    erasures,
    export_jobs,
    exports,
    files,
    gates,
    imports,
    inbox,
    incomes,
    installation,
    instruments,
    invitations,
    legal_holds,
    measurements,
    mention_reviews,
    messages,
    notices,
    outbox,
    participants,
    pauses,
    plans,
    preferences,
    publications,
    recipients,
    recoveries,
    remains,
    requests,
    revisions,
    sessions,
    set_aside,
    staff,
    stops,
    supports,
    timers,
    vault,
    watches,
)


class Does(StrEnum):
    """What erasure does to her rows of a table."""

    SETS_ASIDE = "sets_aside"  # taken out at once, put back where it is undone, and else gone with the term
    TAKES_OUT = "takes_out"  # gone at once: of passing use, and begun anew by whoever comes back
    EMPTIES = "empties"  # the row stays, and does not lead to her any more: at once, and again with the term
    ENDS = "ends"  # needed until her chat is cleared, and gone with the term
    KEEPS = "keeps"  # what must be accounted for: ids and codes, no name, no word
    IS_NOT_HERS = "is_not_hers"  # no row is about a woman


@dataclass(frozen=True, slots=True)
class Her:
    """Whose rows are meant: her id, and the chats that are hers alone; `shared` ones are others', too. What she is told
    as she is erased has origins that begin with `told`."""

    id: int
    lanes: Sequence[str] = ()
    shared: Sequence[str] = ()
    told: str = ""


Hers = Callable[[Her], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Emptied:
    """Rows that stay, and what some of their columns say from then on."""

    rows: Hers
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What erasure does to a table, which rows of it are hers, and why where that is not plain; and which rows stay
    that must not lead to her."""

    does: Does
    hers: Hers | None = None
    why: str = ""
    emptied: Emptied | None = None


def _by_id(table: Table) -> Hers:
    return lambda her: table.c.participant_id == her.id


def _of(parent: Select[Any], column: ColumnElement[Any]) -> ColumnElement[bool]:
    return column.in_(parent)


def _checkins_of(her: Her) -> Select[Any]:
    return select(checkins.c.id).where(checkins.c.participant_id == her.id)


def _by_checkin(table: Table) -> Hers:
    return lambda her: _of(_checkins_of(her), table.c.checkin_id)


def _cases_of(her: Her) -> Select[Any]:
    return select(cases.c.id).where(cases.c.participant_id == her.id)


def _conversations(her: Her) -> ColumnElement[bool]:
    alone = sessions.c.lane.in_(her.lanes) & sessions.c.participant_id.is_(None)
    return or_(sessions.c.participant_id == her.id, _of(_checkins_of(her), sessions.c.checkin_id), alone)


def _parcels(her: Her) -> ColumnElement[bool]:
    told = outbox.c.origin.startswith(her.told) if her.told else false()
    return or_(outbox.c.participant_id == her.id, outbox.c.lane.in_(her.lanes)) & ~told


def _in_her_chats(table: Table) -> Hers:
    return lambda her: table.c.lane.in_(her.lanes)


def _where_she_was(her: Her) -> ColumnElement[bool]:
    """Chats of others, too, in which she was in, or somebody stood at the door."""
    return (chats.c.participant_id == her.id) | chats.c.lane.in_(her.shared)


def _taken_updates(her: Her) -> ColumnElement[bool]:
    """What was taken in her chats; of what could not be, nobody knows in a chat of several whose it was."""
    failed = inbox.c.lane.in_(her.shared) & (inbox.c.state == "set_aside")
    return failed | (inbox.c.lane.in_(her.lanes) & (inbox.c.state != "waiting"))


_AT_NOBODYS_DOOR = {"participant_id": None, "open_until": None, "doorstep": None}


def _aside(table: Table) -> Decision:
    return Decision(Does.SETS_ASIDE, _by_id(table))


def _aside_with_checkins(table: Table) -> Decision:
    return Decision(Does.SETS_ASIDE, _by_checkin(table))


def _not_hers(why: str) -> Decision:
    return Decision(Does.IS_NOT_HERS, why=why)


def _kept(why: str) -> Decision:
    return Decision(Does.KEEPS, why=why)


REGISTER: Mapping[Table, Decision] = {
    # who she is
    participants: Decision(Does.SETS_ASIDE, lambda her: participants.c.id == her.id),
    vault: _aside(vault),
    dates: _aside(dates),
    contacts: _aside(contacts),
    preferences: _aside(preferences),
    invitations: _aside(invitations),
    recoveries: _aside(recoveries),
    accounts: _aside(accounts),
    gates: _aside(gates),
    consents: Decision(
        Does.SETS_ASIDE, _by_id(consents), "which purpose, text and day stay in blocked_consents, without a witness"
    ),
    pauses: _aside(pauses),
    stops: _aside(stops),
    # what she was asked, and said
    checkins: Decision(
        Does.SETS_ASIDE, _by_id(checkins), "a row of remains counts in its place, so that the ledger adds up"
    ),
    revisions: _aside_with_checkins(revisions),
    answers: _aside_with_checkins(answers),
    captures: _aside_with_checkins(captures),
    enrolments: _aside(enrolments),
    employments: _aside(employments),
    incomes: _aside(incomes),
    supports: _aside(supports),
    measurements: _aside(measurements),
    files: _aside(files),
    # what staff did for her
    detections: _aside(detections),
    cases: _aside(cases),
    case_log: Decision(Does.SETS_ASIDE, lambda her: _of(_cases_of(her), case_log.c.case_id)),
    notices: _aside(notices),
    attempts: _aside(attempts),
    recipients: _aside(recipients),
    # her chat
    sessions: Decision(Does.TAKES_OUT, _conversations, "what stood open is asked anew"),
    timers: Decision(
        Does.TAKES_OUT, lambda her: _of(select(sessions.c.id).where(_conversations(her)), timers.c.session_id)
    ),
    outbox: Decision(Does.TAKES_OUT, _parcels, "nothing that waits reaches her, and what has left leaves no trace"),
    chats: Decision(
        Does.TAKES_OUT,
        _in_her_chats(chats),
        "of a chat that others share the place stays, and whoever is in gives her code",
        Emptied(_where_she_was, _AT_NOBODYS_DOOR),
    ),
    messages: Decision(Does.ENDS, _in_her_chats(messages), "by them her chat is cleared; they say nothing"),
    inbox: Decision(
        Does.EMPTIES,
        why="that an update was taken stays; what it said, and in which chat, does not",
        emptied=Emptied(_taken_updates, {"lane": None, "payload": None}),
    ),
    # what must be accounted for
    audit: _kept("who did what to which id; it is chained, and no entry can be taken out of it"),
    erasures: _kept("that she was erased, when, and by whose wish: forgotten with the retention"),
    set_aside: _kept("what was set aside: this is the erasure itself, and it goes with the term"),
    remains: _kept("fates and months under a pseudonym that leads nowhere"),
    blocked_consents: _kept("purpose, text, day: forgotten with the retention"),
    mention_reviews: _kept("that others' words were looked through, by place: forgotten with the retention"),
    legal_holds: _kept("that something may not be deleted yet: forgotten with the retention"),
    requests: _kept("number, days, and how it was answered; her words are emptied"),
    publications: _kept("figures that were made public, and by id who counted: the ids lead nowhere any more"),
    # nobody's, or staff's
    staff: _not_hers("the members of the team"),
    absences: _not_hers("of the team"),
    canned_answers: _not_hers("they name nobody"),
    plans: _not_hers("what is asked when"),
    instruments: _not_hers("what is asked"),
    imports: _not_hers("files by name and hash"),
    exports: _not_hers("files by hash, with counts"),
    export_jobs: _not_hers("what staff asked for"),
    approvals: _not_hers("codes of the team"),
    broadcasts: _not_hers("written to many; where she was chosen by her record_id, another stands that nobody has"),
    watches: _not_hers("in the chats of the team"),
    installation: _not_hers("facts about this installation"),
}
"""Every table, and what erasure does to it."""
