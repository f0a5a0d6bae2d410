"""What each thing that is kept of a woman is called where she reads it: which group, which heading, which line.

* Every column that the store hands out for her stands here once: under a label, or among what only steers the machine
  and tells her nothing (`INNER`). A test fails on a table or column that has neither.
* What a code says stands in `own_codes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

GROUP_KEYS = ("own.group_who", "own.group_answered", "own.group_agreed", "own.group_team", "own.group_seen")
WHO, ANSWERED, AGREED, TEAM, SEEN = GROUP_KEYS


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table as she reads it: its group, its heading, and the label of each column, in the order of reading."""

    group: str
    heading: str
    fields: Mapping[str, str]


LABEL_KEYS = {
    "record_id": "own.l_record_id",
    "name": "own.l_name",
    "phone": "own.l_phone",
    "wrong_at": "own.l_wrong_at",
    "unsafe_at": "own.l_unsafe_at",
    "called": "own.l_called",
    "pseudonym": "own.l_pseudonym",
    "plan": "own.l_plan",
    "release_on": "own.l_release_on",
    "birth_year": "own.l_birth_year",
    "centre": "own.l_centre",
    "schooling": "own.l_schooling",
    "children_0_5": "own.l_children_0_5",
    "children_6_11": "own.l_children_6_11",
    "children_12_17": "own.l_children_12_17",
    "adults": "own.l_adults",
    "cohort": "own.l_cohort",
    "noted_at": "own.l_noted_at",
    "began_at": "own.l_began_at",
    "ended_at": "own.l_ended_at",
    "died_on": "own.l_died_on",
    "frozen_at": "own.l_frozen_at",
    "what": "own.l_what",
    "day": "own.l_day",
    "relation": "own.l_relation",
    "permitted_at": "own.l_permitted_at",
    "how": "own.l_how",
    "withdrawn_at": "own.l_withdrawn_at",
    "zone": "own.l_zone",
    "slot": "own.l_slot",
    "days": "own.l_days",
    "reminders": "own.l_reminders",
    "silent": "own.l_silent",
    "trato": "own.l_trato",
    "language": "own.l_language",
    "region": "own.l_region",
    "shut_at": "own.l_shut_at",
    "valid_until": "own.l_valid_until",
    "opened_at": "own.l_opened_at",
    "used_at": "own.l_used_at",
    "voided_at": "own.l_voided_at",
    "changed_at": "own.l_changed_at",
    "where": "own.l_where",
    "situation": "own.l_situation",
    "position": "own.l_position",
    "social_security": "own.l_social_security",
    "as_of": "own.l_as_of",
    "when": "own.l_when",
    "amount": "own.l_amount",
    "up_to": "own.l_up_to",
    "period": "own.l_period",
    "days_per_week": "own.l_days_per_week",
    "monthly": "own.l_monthly",
    "words": "own.l_words",
    "questionnaire": "own.l_questionnaire",
    "part": "own.l_part",
    "score": "own.l_score",
    "answered": "own.l_answered",
    "gave": "own.l_gave",
    "got": "own.l_got",
    "axis": "own.l_axis",
    "workshop": "own.l_workshop",
    "completed": "own.l_completed",
    "sessions": "own.l_sessions",
    "due_on": "own.l_due_on",
    "invited_at": "own.l_invited_at",
    "heard_at": "own.l_heard_at",
    "help_at": "own.l_help_at",
    "outcome": "own.l_outcome",
    "closed_at": "own.l_closed_at",
    "given": "own.l_given",
    "version": "own.l_version",
    "witness": "own.l_witness",
    "reason": "own.l_reason",
    "asked_by": "own.l_asked_by",
    "number": "own.l_number",
    "answer_by": "own.l_answer_by",
    "answer": "own.l_answer",
    "answered_at": "own.l_answered_at",
    "done_by": "own.l_done_by",
    "done_at": "own.l_done_at",
    "channel": "own.l_channel",
    "note": "own.l_note",
    "sent_at": "own.l_sent_at",
    "removed_at": "own.l_removed_at",
    "fine_at": "own.l_fine_at",
    "verdict": "own.l_verdict",
    "seconds": "own.l_seconds",
    "written_at": "own.l_written_at",
    "kept_until": "own.l_kept_until",
    "text": "own.l_text",
    "who": "own.l_who",
    "agreed": "own.l_agreed",
    "agreed_on": "own.l_agreed_on",
}
"""What a line is called."""

HEADING_KEYS = {
    "vault": "own.vault",
    "participants": "own.participants",
    "dates": "own.dates",
    "contacts": "own.contacts",
    "preferences": "own.preferences",
    "accounts": "own.accounts",
    "invitations": "own.invitations",
    "answers": "own.answers",
    "files": "own.files",
    "employments": "own.employments",
    "incomes": "own.incomes",
    "supports": "own.supports",
    "measurements": "own.measurements",
    "enrolments": "own.enrolments",
    "checkins": "own.checkins",
    "revisions": "own.revisions",
    "captures": "own.captures",
    "consents": "own.consents",
    "pauses": "own.pauses",
    "stops": "own.stops",
    "requests": "own.requests",
    "legal_holds": "own.legal_holds",
    "cases": "own.cases",
    "case_log": "own.case_log",
    "notices": "own.notices",
    "attempts": "own.attempts",
    "recipients": "own.recipients",
    "detections": "own.detections",
    "audit": "own.audit",
    "exports": "own.exports",
}
"""The heading of each table."""

_LEARNED = {"as_of_on": "as_of", "learned_at": "noted_at", "replaced_at": "changed_at"}
_SPAN = {"started_on": "began_at", "ended_on": "ended_at"}
_CONSENT = {
    **{"consent_basis": "agreed", "consent_on": "agreed_on"},
    **{"consent_version": "version", "consent_witness": "witness"},
}

_FIELDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "vault": (
        WHO,
        {
            **{"name": "name", "called": "called", "phone": "phone", "record_id": "record_id"},
            **{"phone_wrong_at": "wrong_at", "phone_unsafe_at": "unsafe_at"},
        },
    ),
    "participants": (
        WHO,
        {
            **{"person": "pseudonym", "plan": "plan", "release_on": "release_on", "birth_year": "birth_year"},
            **{"centre": "centre", "schooling": "schooling", "cohort": "cohort", "dependants_0_5": "children_0_5"},
            **{"dependants_6_11": "children_6_11", "dependants_12_17": "children_12_17", "dependants_adult": "adults"},
            **{"added_at": "noted_at", "enrolled_at": "began_at", "died_on": "died_on", "frozen_at": "frozen_at"},
        },
    ),
    "dates": (WHO, {"name": "what", "falls_on": "day"}),
    "contacts": (
        WHO,
        {
            **{"name": "name", "phone": "phone", "relation": "relation", "permitted_at": "permitted_at"},
            **{"permitted_how": "how", "withdrawn_at": "withdrawn_at"},
            **{"wrong_at": "wrong_at", "unsafe_at": "unsafe_at"},
        },
    ),
    "preferences": (
        WHO,
        {
            **{"slot": "slot", "days": "days", "reminders": "reminders", "trato": "trato", "language": "language"},
            **{"silent": "silent", "zone": "zone", "region": "region"},
        },
    ),
    "accounts": (
        WHO,
        {"linked_at": "began_at", "unlinked_at": "ended_at", "blocked_at": "shut_at", "unsafe_at": "unsafe_at"},
    ),
    "invitations": (
        WHO,
        {
            **{"created_at": "noted_at", "expires_at": "valid_until", "opened_at": "opened_at", "used_at": "used_at"},
            "revoked_at": "voided_at",
        },
    ),
    "answers": (ANSWERED, {"at": "day", "mode": "how", "replaced_at": "changed_at"}),
    "files": (
        ANSWERED,
        {
            **{"wanted_at": "sent_at", "name": "name", "seconds": "seconds", "transcribed_at": "written_at"},
            **{"heard_at": "heard_at", "forget_at": "kept_until"},
        },
    ),
    "employments": (
        ANSWERED,
        {
            **{"kind": "what", "scope": "where", "status": "situation", "position": "position"},
            **{"social_security": "social_security", **_SPAN, **_LEARNED, **_CONSENT},
        },
    ),
    "incomes": (
        ANSWERED,
        {
            **{"moment": "when", "scope": "where", "amount": "amount", "high": "up_to", "period": "period"},
            **{
                "days_per_week": "days_per_week",
                "monthly": "monthly",
                "status": "answer",
                "words": "words",
                **_LEARNED,
                **_CONSENT,
            },
        },
    ),
    "supports": (ANSWERED, {"given": "gave", "received": "got", **_LEARNED, **_CONSENT}),
    "measurements": (
        ANSWERED,
        {
            **{"instrument": "questionnaire", "subscale": "part", "moment": "when", "taken_on": "day"},
            **{"score": "score", "answered": "answered", "learned_at": "noted_at", "replaced_at": "changed_at"},
            **_CONSENT,
        },
    ),
    "enrolments": (
        ANSWERED,
        {
            **{"workshop": "workshop", "axis": "axis", "centre": "centre", **_SPAN, "completed": "completed"},
            **{"sessions_attended": "sessions", "learned_at": "noted_at", "replaced_at": "changed_at"},
        },
    ),
    "checkins": (
        ANSWERED,
        {
            **{"instrument": "questionnaire", "point": "when", "due_on": "due_on", "invited_at": "invited_at"},
            **{"started_at": "began_at", "last_heard_at": "heard_at", "resting_until": "kept_until"},
            **{"help_asked_at": "help_at", "fate": "outcome", "closed_at": "closed_at"},
        },
    ),
    "revisions": (ANSWERED, {"at": "changed_at", "due_on": "due_on"}),
    "captures": (ANSWERED, {"mode": "how", "began_at": "began_at", "ended_at": "ended_at"}),
    "consents": (
        AGREED,
        {"purpose": "what", "given": "given", "at": "day", "how": "how", "version": "version", "witness": "witness"},
    ),
    "pauses": (
        AGREED,
        {
            **{"kind": "reason", "since_at": "began_at", "until_on": "kept_until", "asked_by": "asked_by"},
            "ended_at": "ended_at",
        },
    ),
    "stops": (AGREED, {"at": "day", "how": "how", "lifted_at": "ended_at", "lifted_how": "how"}),
    "requests": (
        AGREED,
        {
            **{"number": "number", "kind": "what", "words": "words", "asked_at": "day", "answer_by_on": "answer_by"},
            **{"answer": "answer", "denied_why": "reason", "answered_at": "answered_at"},
            **{"carry_out_by_on": "done_by", "carried_out_at": "done_at"},
        },
    ),
    "legal_holds": (AGREED, {"until_on": "kept_until"}),
    "cases": (
        TEAM,
        {"kind": "what", "words": "words", "opened_at": "day", "outcome": "outcome", "closed_at": "closed_at"},
    ),
    "case_log": (TEAM, {"at": "day", "kind": "what", "words": "text", "taken_back_at": "removed_at"}),
    "notices": (
        TEAM,
        {"posted_at": "sent_at", "opened_at": "opened_at", "content": "text", "retired_at": "removed_at"},
    ),
    "attempts": (TEAM, {"at": "day", "channel": "channel", "disposition": "outcome", "note": "note"}),
    "recipients": (TEAM, {"posted_at": "sent_at", "done_at": "done_at", "state": "outcome"}),
    "detections": (TEAM, {"at": "day", "kinds": "what", "fine_at": "fine_at", "verdict": "verdict"}),
    "audit": (SEEN, {"at": "day", "by": "who", "action": "what"}),
    "exports": (SEEN, {"at": "day", "by": "who", "audience": "what"}),
}

SHEETS = {
    table: Sheet(group, HEADING_KEYS[table], {column: LABEL_KEYS[label] for column, label in fields.items()})
    for table, (group, fields) in _FIELDS.items()
}
"""Every table as she reads it."""

INNER: Mapping[str, frozenset[str]] = {
    "accounts": frozenset({"blocked_why"}),
    "invitations": frozenset({"word_hash", "tries"}),
    "answers": frozenset({"variable", "revision", "status", "value", "words", "raw", "instrument", "version"}),
    "files": frozenset(
        {"origin", "purpose", "ref", "file_id", "size", "content", "state", "attempts", "next_at", "kept_at"}
    ),
    "employments": frozenset({"line"}),
    "incomes": frozenset({"line", "factor_version"}),
    "supports": frozenset({"line"}),
    "measurements": frozenset({"line", "version"}),
    "enrolments": frozenset({"line"}),
    "checkins": frozenset(
        {
            *("plan", "series", "added_at", "state", "owner", "opens_at", "closes_at", "next_at", "reminded_at"),
            *("reminders_sent", "called_for_at", "fate_reason"),
        }
    ),
    "revisions": frozenset(
        {"cause", "state", "opens_at", "closes_at", "invited_at", "started_at", "fate", "fate_reason", "closed_at"}
    ),
    "captures": frozenset({"ended_how"}),
    "consents": frozenset({"text_hash"}),
    "pauses": frozenset({"series"}),
    "requests": frozenset(
        {"state", "asked_how", "proved_how", "proved_at", "answer_extended", "carry_out_extended", "warned_at"}
    ),
    "legal_holds": frozenset({"set_at", "reason", "lifted_at"}),
    "cases": frozenset({"state", "due_at", "unread_since", "told_at", "escalated_at"}),
    "case_log": frozenset({"cause"}),
    "notices": frozenset({"cause", "reading", "line", "shown_in"}),
    "attempts": frozenset({"tried_by"}),
    "recipients": frozenset({"reason", "next_at"}),
    "audit": frozenset({"detail"}),
    "detections": frozenset({"phrases", "asks", "stands", "held_until_on", "freed_at", "judged_at"}),
}
"""What steers the machine, or is told by another line: of an answer its question, its words and its value make one."""

NOT_FOR_HER: Mapping[str, str] = {
    "gates": "her codes, as hashes: whoever reads them could let herself in",
    "recoveries": "how somebody was asked who she is: it would teach whoever plays her",
    "sessions": "what stands open this moment, and is gone with it",
    "timers": "the same",
    "outbox": "what is on its way to her chat, and emptied as it leaves",
    "inbox": "what she has just sent, and emptied as it is taken",
    "chats": "who is in a chat this moment",
    "messages": "numbers by which her chat is cleared",
    "erasures": "only of who is erased: she is told as it happens",
    "set_aside": "the same",
    "remains": "counts that lead to nobody",
    "blocked_consents": "only of who is erased",
    "mention_reviews": "only of who is erased",
    "publications": "that she counts in a published figure: a sealed list of ids",
}
"""Tables about women that stand in no file of hers, and why."""
