"""Every table of the store, in one place.

* Instants are UTC and end in `_at`; local dates end in `_on`. Internal ids are random and mean nothing outside.
* Columns of type Sealed hold ciphertext: names, chat ids, words, and the payloads of inbox, outbox and sessions. All
  else is codes, amounts, dates and states.
* Uniqueness and the invariants of the ledger live here, as constraints, so that no code can forget them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
    true,
)


class Sealed(LargeBinary):
    """Ciphertext, sealed for the place where it stands: see `storage/cells.py`, which knows every one of them."""


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the store")
        return value.astimezone(UTC) if dialect.name == "postgresql" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo is not None else value.replace(tzinfo=UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        # A batch of rows shares most of its moments, and turning one into text costs more than finding it again.
        convert = super().bind_processor(dialect)
        return convert if convert is None or dialect.name != "sqlite" else lru_cache(maxsize=4096)(convert)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any] | None:
        convert = super().result_processor(dialect, coltype)
        return convert if convert is None or dialect.name != "sqlite" else lru_cache(maxsize=4096)(convert)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str = "id") -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


def _ref(name: str, table: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, ForeignKey(f"{table}.id"), nullable=nullable)


# --- people

participants = Table(
    "participants",
    metadata,
    _id(),
    Column("person", Text, nullable=False, unique=True),
    Column("plan", Text),
    Column("release_on", Date),
    Column("birth_year", Integer),
    Column("centre", Text),
    Column("schooling", Text),
    Column("dependants_0_5", Integer),
    Column("dependants_6_11", Integer),
    Column("dependants_12_17", Integer),
    Column("dependants_adult", Integer),
    Column("cohort", Text),
    _ref("staff_id", "staff", nullable=True),
    Column("added_at", Instant, nullable=False),
    Column("enrolled_at", Instant),
    Column("died_on", Date),
    Column("frozen_at", Instant),
    Index("ix_participants_staff_id", "staff_id"),
)

dates = Table(
    "dates",
    metadata,
    Column("participant_id", BigInteger, ForeignKey("participants.id"), primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("falls_on", Date, nullable=False),
)
"""Her dates beside the release, from which a plan may count."""

vault = Table(
    "vault",
    metadata,
    Column("participant_id", BigInteger, ForeignKey("participants.id"), primary_key=True, autoincrement=False),
    Column("record_id_digest", Text, nullable=False, unique=True),
    Column("record_id", Sealed, nullable=False),
    Column("name", Sealed, nullable=False),
    Column("phone", Sealed),
    Column("phone_wrong_at", Instant),
    Column("phone_unsafe_at", Instant),
    Column("called", Sealed),
)

contacts = Table(
    "contacts",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    Column("name", Sealed, nullable=False),
    Column("phone", Sealed, nullable=False),
    Column("relation", Text, nullable=False),
    Column("permitted_at", Instant, nullable=False),
    Column("permitted_how", Text, nullable=False),
    Column("withdrawn_at", Instant),
    Column("wrong_at", Instant),
    Column("unsafe_at", Instant),
    Index("ix_contacts_participant_id", "participant_id"),
)
"""Whom staff may ask after her, each with her permission; nothing is ever told them about her."""

preferences = Table(
    "preferences",
    metadata,
    Column("participant_id", BigInteger, ForeignKey("participants.id"), primary_key=True, autoincrement=False),
    Column("zone", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("days", Text),
    Column("reminders", Boolean, nullable=False, server_default=true()),
    Column("silent", Boolean, nullable=False, server_default=false()),
    Column("trato", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("region", Text),
)

staff = Table(
    "staff",
    metadata,
    _id(),
    Column("name", Sealed, nullable=False),
    Column("role", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("pin_hash", Text),
    Column("pin_tries", Integer, nullable=False, server_default="0"),
    Column("authenticator", Sealed),
    Column("authenticator_step", BigInteger),
    Column("seen_at", Instant),
    Column("wants_digest", Boolean, nullable=False, server_default=false()),
    Column("digested_on", Date),
)

invitations = Table(
    "invitations",
    metadata,
    _id(),
    _ref("participant_id", "participants", nullable=True),
    _ref("staff_id", "staff", nullable=True),
    Column("token_digest", Text, nullable=False, unique=True),
    Column("word_hash", Text),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("opened_at", Instant),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    CheckConstraint("(participant_id IS NULL) <> (staff_id IS NULL)", name="one_owner"),
)

accounts = Table(
    "accounts",
    metadata,
    _id(),
    Column("lane", Text, nullable=False, index=True),
    _ref("participant_id", "participants", nullable=True),
    _ref("staff_id", "staff", nullable=True),
    Column("chat_id", Sealed, nullable=False),
    Column("invitation_id", BigInteger, ForeignKey("invitations.id"), nullable=False, unique=True),
    Column("linked_at", Instant, nullable=False),
    Column("unlinked_at", Instant),
    Column("blocked_at", Instant),
    Column("blocked_why", Text),
    Column("unsafe_at", Instant),
    CheckConstraint("(participant_id IS NULL) <> (staff_id IS NULL)", name="one_owner"),
    # Several women may share a phone, each behind her own code; a member of staff shares hers with nobody.
    Index(
        "uq_accounts_hers",
        "lane",
        "participant_id",
        unique=True,
        sqlite_where=text("unlinked_at IS NULL"),
        postgresql_where=text("unlinked_at IS NULL"),
    ),
    Index(
        "uq_accounts_of_staff",
        "lane",
        unique=True,
        sqlite_where=text("unlinked_at IS NULL AND staff_id IS NOT NULL"),
        postgresql_where=text("unlinked_at IS NULL AND staff_id IS NOT NULL"),
    ),
    Index("ix_accounts_participant_id", "participant_id"),
)

gates = Table(
    "gates",
    metadata,
    Column("participant_id", BigInteger, ForeignKey("participants.id"), primary_key=True, autoincrement=False),
    Column("kind", Text),
    Column("code_hash", Text),
    Column("duress_hash", Text),
    Column("leave_word", Sealed),
    Column("asked_at", Instant),
    Column("reset_hash", Text),
    Column("reset_until", Instant),
    CheckConstraint("(kind IS NULL) = (code_hash IS NULL)", name="a_code_of_some_kind"),
)
"""The code that a woman chose, if she chose one: nothing of hers is shown in a chat before it is given there."""

chats = Table(
    "chats",
    metadata,
    _id(),
    Column("lane", Text, nullable=False, unique=True),
    _ref("participant_id", "participants", nullable=True),
    Column("open_until", Instant),
    Column("clean_at", Instant),
    Column("cleared_at", Instant),
    Column("wrong_codes", Integer, nullable=False, server_default="0"),
    Column("wrong_at", Instant),
    Column("doorstep", Sealed),
    Index("ix_chats_clean_at", "clean_at"),
)
"""A chat of participants as a place: which of them is in, until when, how many wrong codes were given there and when
the last one, when it is to be cleaned, and when that was last set going."""

recoveries = Table(
    "recoveries",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    _ref("asked_by", "staff"),
    Column("asked_at", Instant, nullable=False),
    _ref("decided_by", "staff", nullable=True),
    Column("decided_at", Instant),
    Column("granted", Boolean),
    CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided_somehow"),
    CheckConstraint("granted IS NULL OR NOT granted OR decided_by <> asked_by", name="granted_by_another"),
    Index(
        "uq_recoveries_open",
        "participant_id",
        unique=True,
        sqlite_where=text("decided_at IS NULL"),
        postgresql_where=text("decided_at IS NULL"),
    ),
)
"""Who asked, after a call, that she may come back by a new link, where a second person must agree."""

consents = Table(
    "consents",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    Column("purpose", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("how", Text, nullable=False),
    Column("at", Instant, nullable=False),
    _ref("recorded_by", "staff", nullable=True),
    Column("witness", Sealed),
    Index("ix_consents_participant_id", "participant_id", "purpose", "at"),
)

# --- when she is not to be asked

pauses = Table(
    "pauses",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    Column("kind", Text, nullable=False),
    Column("series", Text, nullable=False, server_default=""),
    Column("since_at", Instant, nullable=False),
    Column("until_on", Date),
    Column("asked_by", Text, nullable=False),
    Column("ended_at", Instant),
    Index(
        "uq_pauses_now",
        "participant_id",
        "series",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
"""A rest from one `series` of check-ins (empty: from all), until the local day `until_on` (none: until it is ended)."""

stops = Table(
    "stops",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    Column("at", Instant, nullable=False),
    Column("how", Text, nullable=False),
    Column("lifted_at", Instant),
    Column("lifted_how", Text),
    CheckConstraint("(lifted_at IS NULL) = (lifted_how IS NULL)", name="lifted_somehow"),
    Index(
        "uq_stops_now",
        "participant_id",
        unique=True,
        sqlite_where=text("lifted_at IS NULL"),
        postgresql_where=text("lifted_at IS NULL"),
    ),
)
"""Her wish that nothing unasked reaches her any more, until she or a recorded request of hers lifts it."""

# --- the ledger and what was answered

plans = Table(
    "plans",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("applied_at", Instant, nullable=False),
    Column("applied_by", Text, nullable=False),
)

checkins = Table(
    "checkins",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    Column("plan", Text, nullable=False),
    Column("point", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text),
    Column("due_on", Date),
    Column("opens_at", Instant),
    Column("closes_at", Instant),
    Column("next_at", Instant),
    Column("invited_at", Instant),
    Column("reminded_at", Instant),
    Column("started_at", Instant),
    Column("last_heard_at", Instant),
    Column("resting_until", Instant),
    Column("help_asked_at", Instant),
    Column("reminders_sent", Integer, nullable=False, server_default="0"),
    Column("called_for_at", Instant),
    Column("fate", Text),
    Column("fate_reason", Text),
    Column("closed_at", Instant),
    UniqueConstraint("participant_id", "plan", "point"),
    CheckConstraint("(fate IS NULL) <> (state = 'closed')", name="closed_has_a_fate"),
    CheckConstraint("(closed_at IS NULL) <> (state = 'closed')", name="closed_has_a_time"),
    CheckConstraint(
        "state = 'closed' OR (owner IS NOT NULL AND next_at IS NOT NULL)", name="open_has_an_owner_and_a_deadline"
    ),
    CheckConstraint(
        "state IN ('closed', 'waiting_for_date')"
        " OR (due_on IS NOT NULL AND opens_at IS NOT NULL AND closes_at IS NOT NULL)",
        name="dated",
    ),
    # Whose turn first: what waits for staff may wait for years, and must not stand in the tick's way.
    Index(
        "ix_checkins_due",
        "owner",
        "next_at",
        sqlite_where=text("state <> 'closed'"),
        postgresql_where=text("state <> 'closed'"),
    ),
)

revisions = Table(
    "revisions",
    metadata,
    _id(),
    _ref("checkin_id", "checkins"),
    Column("at", Instant, nullable=False),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_on", Date),
    Column("opens_at", Instant),
    Column("closes_at", Instant),
    Column("invited_at", Instant),
    Column("started_at", Instant),
    Column("fate", Text),
    Column("fate_reason", Text),
    Column("closed_at", Instant),
    Index("ix_revisions_checkin_id", "checkin_id", "at"),
)
"""A check-in as it stood until `at`, whenever something other than her answering or the calendar changed it."""

answers = Table(
    "answers",
    metadata,
    _id(),
    _ref("checkin_id", "checkins"),
    Column("variable", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    Column("value", Text),
    Column("words", Sealed),
    Column("raw", Sealed),
    Column("mode", Text, nullable=False),
    _ref("interviewer_id", "staff", nullable=True),
    Column("instrument", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("replaced_at", Instant),
    UniqueConstraint("checkin_id", "variable", "revision"),
    Index(
        "uq_answers_valid",
        "checkin_id",
        "variable",
        unique=True,
        sqlite_where=text("replaced_at IS NULL"),
        postgresql_where=text("replaced_at IS NULL"),
    ),
)

captures = Table(
    "captures",
    metadata,
    _id(),
    _ref("checkin_id", "checkins"),
    _ref("staff_id", "staff"),
    Column("mode", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_how", Text),
    CheckConstraint("(ended_at IS NULL) = (ended_how IS NULL)", name="ended_somehow"),
    Index("ix_captures_checkin_id", "checkin_id", "began_at"),
    Index(
        "uq_captures_now",
        "checkin_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
"""A check-in that a member of staff asks her about, on the phone or face to face; one at a time."""

imports = Table(
    "imports",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("file_name", Sealed, nullable=False),
    Column("file_hash", Text, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("counts", Text),
)
"""A file whose rows came in. They are written in small steps, and count once all are there: from `done_at` on."""


def _source() -> list[Column[Any]]:
    """Where a row of the outcome store comes from and when it holds: learned at one moment, and replaced at another
    where something truer came. Of an imported row, its file and the line in it."""
    return [
        Column("learned_at", Instant, nullable=False),
        Column("replaced_at", Instant),
        _ref("import_id", "imports", nullable=True),
        Column("line", Integer),
    ]


def _consent() -> list[Any]:
    """The consent that an imported row stands on: whole, or not known; what a check-in brought stands on `consents`."""
    return [
        Column("consent_basis", Text),
        Column("consent_on", Date),
        Column("consent_version", Text),
        Column("consent_witness", Sealed),
        CheckConstraint(
            "(consent_basis IS NULL) = (consent_on IS NULL) AND (consent_basis IS NULL) = (consent_version IS NULL)",
            name="consent_whole_or_none",
        ),
    ]


enrolments = Table(
    "enrolments",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    Column("axis", Text, nullable=False),
    Column("workshop", Text, nullable=False),
    Column("centre", Text, nullable=False),
    Column("started_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("completed", Boolean),
    Column("sessions_attended", Integer),
    *_source(),
    Index("ix_enrolments_participant_id", "participant_id"),
)
"""A woman in a workshop of a centre: who is transferred has another."""

employments = Table(
    "employments",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    _ref("checkin_id", "checkins", nullable=True),
    Column("kind", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("status", Text),
    Column("position", Text),
    Column("social_security", Text),
    Column("started_on", Date),
    Column("ended_on", Date),
    Column("as_of_on", Date, nullable=False),
    *_source(),
    *_consent(),
    Index("ix_employments_checkin_id", "checkin_id"),
    Index("ix_employments_participant_id", "participant_id"),
)

incomes = Table(
    "incomes",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    _ref("checkin_id", "checkins", nullable=True),
    Column("moment", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("status", Integer, nullable=False, server_default="0"),
    Column("amount", Numeric(14, 2, asdecimal=True)),
    Column("high", Numeric(14, 2, asdecimal=True)),
    Column("period", Text),
    Column("days_per_week", Integer),
    Column("factor_version", Text),
    Column("monthly", Numeric(14, 2, asdecimal=True)),
    Column("words", Sealed),
    Column("as_of_on", Date, nullable=False),
    *_source(),
    *_consent(),
    CheckConstraint("(status = 0) = (amount IS NOT NULL)", name="known_or_why_not"),
    Index("ix_incomes_checkin_id", "checkin_id"),
    Index("ix_incomes_participant_id", "participant_id"),
)

supports = Table(
    "supports",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    _ref("checkin_id", "checkins", nullable=True),
    Column("given", Integer),
    Column("received", Integer),
    Column("as_of_on", Date, nullable=False),
    *_source(),
    *_consent(),
    Index("ix_supports_checkin_id", "checkin_id"),
    Index("ix_supports_participant_id", "participant_id"),
)
"""Whether she gave her family something in the last 30 days, and got something: 1, 0, or the code of why that is not
known; NULL where it was not asked."""

measurements = Table(
    "measurements",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    _ref("checkin_id", "checkins", nullable=True),
    Column("instrument", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("subscale", Text, nullable=False, server_default=""),
    Column("moment", Text, nullable=False),
    Column("taken_on", Date, nullable=False),
    Column("score", Numeric(10, 4, asdecimal=True), nullable=False),
    Column("answered", Integer),
    *_source(),
    *_consent(),
    Index("ix_measurements_checkin_id", "checkin_id"),
    Index("ix_measurements_participant_id", "participant_id"),
)
"""A score of hers by an instrument in one version: before (pre), after (post), or at a point of the plan. `answered` of
its items have an answer, where that is known."""

publications = Table(
    "publications",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("as_of_on", Date, nullable=False),
    Column("known_at", Instant, nullable=False),
    Column("definitions", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("figures", Text, nullable=False),
    Column("members", LargeBinary, nullable=False),
)
"""Figures that were made public, as they were then: what was asked for, what came out, and which women counted."""

exports = Table(
    "exports",
    metadata,
    _id(),
    Column("at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("identified", Boolean, nullable=False),
    Column("reason", Sealed),
    Column("recipient", Sealed),
    Column("file_hash", Text, nullable=False),
    Column("counts", Text, nullable=False),
)
"""Every set of files that left the store: who made it, why, for whom, and the hash of its bytes."""

approvals = Table(
    "approvals",
    metadata,
    _id(),
    Column("code_digest", Text, nullable=False, unique=True),
    _ref("drawn_by", "staff"),
    Column("drawn_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    _ref("export_id", "exports", nullable=True),
)
"""A code by which a second person lets one identified export go."""

export_jobs = Table(
    "export_jobs",
    metadata,
    _id(),
    _ref("staff_id", "staff"),
    _ref("account_id", "accounts"),
    Column("session_id", BigInteger, nullable=False),
    Column("sprint", Integer, nullable=False),
    Column("format", Text, nullable=False),
    Column("separator", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("reason", Sealed),
    Column("recipient", Sealed),
    Column("state", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("step", Integer, nullable=False, server_default="0"),
    Column("steps", Integer, nullable=False, server_default="0"),
    Column("rows", BigInteger, nullable=False, server_default="0"),
    Column("shown_at", Instant, nullable=False),
    CheckConstraint("(done_at IS NULL) = (state IN ('waiting', 'making', 'handing'))", name="done_has_a_time"),
    Index(
        "uq_export_jobs_open",
        "staff_id",
        unique=True,
        sqlite_where=text("done_at IS NULL"),
        postgresql_where=text("done_at IS NULL"),
    ),
)
"""An export that a member of staff asked for in her chat: what, and in which of her messages it shows how far it is."""

instruments = Table(
    "instruments",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("installed_at", Instant),
    Column("installed_by", Text),
    CheckConstraint("(installed_at IS NULL) = (installed_by IS NULL)", name="installed_by_somebody"),
)

# --- work in hand

inbox = Table(
    "inbox",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("lane", Text),
    Column("payload", Sealed),
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("done_at", Instant),
    Column("outcome", Text),
    CheckConstraint("state = 'waiting' OR done_at IS NOT NULL", name="done_has_a_time"),
    Index(
        "ix_inbox_waiting",
        "lane",
        "bot_id",
        "update_id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_inbox_set_aside",
        "update_id",
        sqlite_where=text("state = 'set_aside'"),
        postgresql_where=text("state = 'set_aside'"),
    ),
    Index(
        "ix_inbox_done",
        "done_at",
        sqlite_where=text("state = 'done'"),
        postgresql_where=text("state = 'done'"),
    ),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("origin", Text, nullable=False, unique=True),
    Column("lane", Text),
    _ref("participant_id", "participants", nullable=True),
    Column("session_id", BigInteger),
    Column("sprint", Integer),
    Column("urgency", Integer, nullable=False),
    Column("payload", Sealed),
    Column("state", Text, nullable=False),
    Column("ready_at", Instant, nullable=False),
    Column("once", Boolean, nullable=False, server_default=false()),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_at", Instant),
    Column("done_at", Instant),
    Column("message_id", BigInteger),
    Column("reason", Text),
    Index(
        "ix_outbox_open",
        "urgency",
        "ready_at",
        "id",
        sqlite_where=text("state IN ('ready', 'claimed')"),
        postgresql_where=text("state IN ('ready', 'claimed')"),
    ),
    Index(
        "ix_outbox_lane",
        "lane",
        "id",
        sqlite_where=text("state IN ('ready', 'claimed')"),
        postgresql_where=text("state IN ('ready', 'claimed')"),
    ),
    Index(
        "ix_outbox_given_up",
        "done_at",
        sqlite_where=text("state IN ('failed', 'set_aside')"),
        postgresql_where=text("state IN ('failed', 'set_aside')"),
    ),
    Index(
        "ix_outbox_arrived",
        "done_at",
        sqlite_where=text("state = 'sent' AND urgency = 0"),
        postgresql_where=text("state = 'sent' AND urgency = 0"),
    ),
)

messages = Table(
    "messages",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("session_id", BigInteger, index=True),
    Column("sprint", Integer),
    Column("ours", Boolean, nullable=False),
    Column("words", Boolean, nullable=False, server_default=false()),
    Column("harmless", Boolean, nullable=False, server_default=false()),
    Column("sent_at", Instant, nullable=False),
    Column("deleted_at", Instant),
    Index(
        "ix_messages_sent_at",
        "sent_at",
        sqlite_where=text("deleted_at IS NULL AND NOT harmless"),
        postgresql_where=text("deleted_at IS NULL AND NOT harmless"),
    ),
)
"""What stands in chats. `words`: it is text of ours, which can be changed into another as long as it stands."""

sessions = Table(
    "sessions",
    metadata,
    _id(),
    Column("lane", Text, nullable=False),
    _ref("participant_id", "participants", nullable=True),
    _ref("checkin_id", "checkins", nullable=True),
    Column("dialogue", Text, nullable=False),
    Column("sprint", Integer, nullable=False),
    Column("state", Sealed),
    Column("opened_at", Instant, nullable=False),
    Column("cleared", Boolean, nullable=False, server_default=false()),
    Column("closed_at", Instant),
    Index(
        "uq_sessions_open",
        "lane",
        "participant_id",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "uq_sessions_of_nobody",
        "lane",
        unique=True,
        sqlite_where=text("closed_at IS NULL AND participant_id IS NULL"),
        postgresql_where=text("closed_at IS NULL AND participant_id IS NULL"),
    ),
    Index(
        "ix_sessions_strangers",
        "id",
        sqlite_where=text("participant_id IS NULL AND closed_at IS NOT NULL"),
        postgresql_where=text("participant_id IS NULL AND closed_at IS NOT NULL"),
    ),
    Index(
        "ix_sessions_checkin_id",
        "checkin_id",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    CheckConstraint("(state IS NULL) <> (closed_at IS NULL)", name="closed_is_empty"),
)

timers = Table(
    "timers",
    metadata,
    Column("session_id", BigInteger, ForeignKey("sessions.id"), primary_key=True, autoincrement=False),
    Column("due_at", Instant, nullable=False, index=True),
)

files = Table(
    "files",
    metadata,
    _id(),
    Column("origin", Text, nullable=False, unique=True),
    Column("purpose", Text, nullable=False),
    Column("ref", Text, unique=True),
    _ref("participant_id", "participants", nullable=True),
    _ref("answer_id", "answers", nullable=True),
    Column("lane", Text, nullable=False),
    Column("chat_id", Sealed),
    Column("file_id", Sealed),
    Column("name", Sealed),
    Column("size", BigInteger),
    Column("seconds", Integer, nullable=False),
    Column("content", Sealed),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant),
    Column("wanted_at", Instant, nullable=False),
    Column("kept_at", Instant),
    Column("heard_at", Instant),
    Column("transcribed_at", Instant),
    Column("forget_at", Instant),
    CheckConstraint("(next_at IS NULL) <> (state = 'waiting')", name="waiting_has_a_next_time"),
    CheckConstraint("content IS NULL OR state = 'kept'", name="only_what_is_kept_has_content"),
    CheckConstraint(
        "purpose <> 'voice' OR (ref IS NOT NULL AND participant_id IS NOT NULL)", name="a_voice_note_is_a_womans"
    ),
    Index(
        "ix_files_waiting",
        "next_at",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_files_here",
        "answer_id",
        sqlite_where=text("content IS NOT NULL AND forget_at IS NULL"),
        postgresql_where=text("content IS NOT NULL AND forget_at IS NULL"),
    ),
    Index(
        "ix_files_forget_at",
        "forget_at",
        sqlite_where=text("forget_at IS NOT NULL"),
        postgresql_where=text("forget_at IS NOT NULL"),
    ),
    Index("ix_files_participant_id", "participant_id"),
    Index("ix_files_answer_id", "answer_id"),
)

cases = Table(
    "cases",
    metadata,
    _id(),
    _ref("participant_id", "participants", nullable=True),
    _ref("checkin_id", "checkins", nullable=True),
    _ref("owner_id", "staff", nullable=True),
    _ref("broadcast_id", "broadcasts", nullable=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("words", Sealed),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("unread_since", Instant),
    Column("told_at", Instant),
    Column("escalated_at", Instant),
    Column("closed_at", Instant),
    Column("outcome", Text),
    CheckConstraint("(closed_at IS NULL) <> (state = 'resolved')", name="resolved_has_a_time"),
    Index(
        "uq_cases_open",
        "participant_id",
        "kind",
        unique=True,
        sqlite_where=text("closed_at IS NULL AND broadcast_id IS NULL"),
        postgresql_where=text("closed_at IS NULL AND broadcast_id IS NULL"),
    ),
    Index(
        "uq_cases_open_of_broadcast",
        "participant_id",
        "broadcast_id",
        unique=True,
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "ix_cases_standing",
        "opened_at",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("ix_cases_participant_id", "participant_id"),
)

case_log = Table(
    "case_log",
    metadata,
    _id(),
    _ref("case_id", "cases"),
    _ref("staff_id", "staff", nullable=True),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("words", Sealed, nullable=False),
    Column("cause", Text, unique=True),
    Column("taken_back_at", Instant),
    Index("ix_case_log_case_id", "case_id", "at"),
)
"""What staff wrote in a case: notes for themselves, and replies to her, which went out as the notice of that cause."""

detections = Table(
    "detections",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    _ref("case_id", "cases", nullable=True),
    _ref("judged_by", "staff", nullable=True),
    Column("at", Instant, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("phrases", Text, nullable=False),
    Column("asks", Boolean, nullable=False),
    Column("stands", Boolean, nullable=False),
    Column("held_until_on", Date),
    Column("freed_at", Instant),
    Column("fine_at", Instant),
    Column("verdict", Text),
    Column("judged_at", Instant),
    CheckConstraint("(verdict IS NULL) = (judged_at IS NULL)", name="judged_at_some_time"),
    Index(
        "uq_detections_holding",
        "participant_id",
        unique=True,
        sqlite_where=text("freed_at IS NULL"),
        postgresql_where=text("freed_at IS NULL"),
    ),
    Index(
        "ix_detections_standing",
        "participant_id",
        sqlite_where=text("stands = 1"),
        postgresql_where=text("stands"),
    ),
)
"""What was found of a danger that she is in, without her words: staff were told if it has a case. Until `freed_at`, or
the local day `held_until_on` if it has one, nothing unasked is sent to her; while it `stands` in her chat what she
writes next is about it, and answers whether she can write (`asks`)."""

canned_answers = Table(
    "canned_answers",
    metadata,
    _id(),
    Column("title", Sealed, nullable=False),
    Column("words", Sealed, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
)
"""Answers that staff give often, in the organisation's words; they name nobody."""

absences = Table(
    "absences",
    metadata,
    _id(),
    _ref("staff_id", "staff"),
    _ref("cover_id", "staff"),
    Column("since_at", Instant, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("ended_at", Instant),
    Index(
        "uq_absences_now",
        "staff_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
"""Who of staff is away through the local day `until_on`, and who sees to her cases meanwhile."""

notices = Table(
    "notices",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    Column("cause", Text, nullable=False),
    Column("content", Sealed),
    Column("lane", Text),
    Column("reading", BigInteger),
    Column("line", Text),
    Column("shown_in", Integer),
    Column("posted_at", Instant, nullable=False),
    Column("opened_at", Instant),
    Column("retired_at", Instant),
    UniqueConstraint("participant_id", "cause"),
    CheckConstraint("(shown_in IS NULL) = (opened_at IS NULL)", name="shown_when_opened"),
    Index("ix_notices_cause", "cause"),
    Index(
        "ix_notices_lane",
        "lane",
        sqlite_where=text("opened_at IS NULL AND retired_at IS NULL"),
        postgresql_where=text("opened_at IS NULL AND retired_at IS NULL"),
    ),
)
"""What staff sent her and she sees at her tap. `line` is the origin of the parcel that says there is something,
`reading` the number under which that line and what it opened stand in the chat, `shown_in` the sprint in which this was
shown; the content goes once it is."""

attempts = Table(
    "attempts",
    metadata,
    _id(),
    _ref("participant_id", "participants"),
    _ref("checkin_id", "checkins", nullable=True),
    _ref("contact_id", "contacts", nullable=True),
    Column("at", Instant, nullable=False),
    Column("channel", Text, nullable=False),
    Column("disposition", Text, nullable=False),
    Column("tried_by", Text, nullable=False),
    Column("note", Sealed),
    Index("ix_attempts_participant_id", "participant_id", "at"),
)
"""What became of each time that somebody tried to reach her, or somebody who may know where she is."""

# --- broadcasts

broadcasts = Table(
    "broadcasts",
    metadata,
    _id(),
    Column("state", Text, nullable=False),
    Column("content", Sealed, nullable=False),
    Column("segment", Sealed, nullable=False),
    _ref("made_by", "staff", nullable=True),
    _ref("approved_by", "staff", nullable=True),
    Column("approved_at", Instant),
    Column("approved_count", Integer),
    Column("paused_from", Text),
    Column("taken_up_at", Instant),
    Column("made_at", Instant, nullable=False),
    Column("send_on", Date),
    Column("local_hour", Integer),
    Column("repeat_weeks", Integer),
    _ref("repeats", "broadcasts", nullable=True),
    Column("frozen_at", Instant),
    Column("list_hash", Text),
    Column("excluded", Text),
    Column("next_at", Instant),
    Column("begun_at", Instant),
    Column("done_at", Instant),
    Column("retired_at", Instant),
    Column("retired", Text),
    Column("alerted_at", Instant),
    Column("told_at", Instant),
    CheckConstraint("(frozen_at IS NULL) = (list_hash IS NULL)", name="a_frozen_list_has_its_hash"),
    CheckConstraint("next_at IS NOT NULL OR state NOT IN ('scheduled', 'sending')", name="looked_at_while_under_way"),
    CheckConstraint("(send_on IS NULL) = (local_hour IS NULL)", name="a_day_and_its_hour"),
    Index(
        "uq_broadcasts_draft",
        "made_by",
        unique=True,
        sqlite_where=text("state = 'draft'"),
        postgresql_where=text("state = 'draft'"),
    ),
    Index(
        "ix_broadcasts_due",
        "next_at",
        sqlite_where=text("next_at IS NOT NULL"),
        postgresql_where=text("next_at IS NOT NULL"),
    ),
)
"""What staff send to many. `excluded` are counts by reason, as JSON, of when the list was frozen, `retired` what became
of taking it back; `next_at` is when somebody must look at it next, `alerted_at` when those who may approve it were
told, `told_at` when its maker was told that it is over. A member of staff has one draft at a time."""

recipients = Table(
    "recipients",
    metadata,
    Column("broadcast_id", BigInteger, ForeignKey("broadcasts.id"), primary_key=True, autoincrement=False),
    Column("participant_id", BigInteger, ForeignKey("participants.id"), primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("next_at", Instant),
    Column("posted_at", Instant),
    Column("done_at", Instant),
    CheckConstraint("(next_at IS NULL) <> (state = 'waiting')", name="waiting_has_a_next_time"),
    Index("ix_recipients_state", "broadcast_id", "state", "next_at"),
    Index("ix_recipients_participant_id", "participant_id", "posted_at"),
)
"""Whom a broadcast goes to, frozen before it is sent, and what became of each."""

watches = Table(
    "watches",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("broadcast_id", BigInteger, nullable=False),
    Column("session_id", BigInteger, nullable=False),
    Column("sprint", Integer, nullable=False),
    Column("shown_at", Instant, nullable=False),
    Column("shown", Text),
)
"""The message of a chat of staff in which a broadcast is shown as it goes, and a mark of what it says."""

# --- her rights

erasures = Table(
    "erasures",
    metadata,
    _id(),
    Column("participant_id", BigInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("undo_until", Instant, nullable=False),
    Column("proved_at", Instant),
    Column("proved_by", Text),
    Column("settled_at", Instant),
    Column("notes", Sealed),
    CheckConstraint("(settled_at IS NULL) = (state = 'set_aside')", name="settled_has_a_time"),
    CheckConstraint("(notes IS NULL) <> (state = 'set_aside')", name="settled_is_empty"),
    CheckConstraint("(proved_at IS NULL) = (proved_by IS NULL)", name="proved_somehow"),
    Index(
        "uq_erasures_now",
        "participant_id",
        unique=True,
        sqlite_where=text("state = 'set_aside'"),
        postgresql_where=text("state = 'set_aside'"),
    ),
    Index("ix_erasures_due", "state", "undo_until"),
    Index("ix_erasures_settled_at", "settled_at"),
)
"""That a woman was taken out of all tables: set aside until `undo_until` or her identity is proved, and then gone for
good, or put back. Her id refers to no row any more. `notes` are how she can be found while she can be put back."""

set_aside = Table(
    "set_aside",
    metadata,
    _id(),
    _ref("erasure_id", "erasures"),
    Column("content", Sealed, nullable=False),
    Index("ix_set_aside_erasure_id", "erasure_id"),
)
"""A row that was taken out, whole, with the name of its table."""

remains = Table(
    "remains",
    metadata,
    _id(),
    Column("pseudonym", Text, nullable=False, index=True),
    Column("plan", Text, nullable=False),
    Column("point", Text, nullable=False),
    Column("series", Text, nullable=False),
    Column("added_in", Date, nullable=False),
    Column("due_in", Date),
    Column("closed_in", Date, nullable=False),
    Column("invited", Boolean, nullable=False),
    Column("started", Boolean, nullable=False),
    Column("fate", Text, nullable=False),
    Column("fate_reason", Text),
)
"""What the ledger keeps of a check-in whose woman was erased: its fate, and months instead of days, under a pseudonym
that leads nowhere."""

blocked_consents = Table(
    "blocked_consents",
    metadata,
    _id(),
    _ref("erasure_id", "erasures"),
    Column("participant_id", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("text_hash", Text, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("how", Text, nullable=False),
    Column("at", Instant, nullable=False),
    _ref("recorded_by", "staff", nullable=True),
    Index("ix_blocked_consents_erasure_id", "erasure_id"),
)
"""What a woman who was erased had consented to: kept for whoever must account for it, and used for nothing else."""

mention_reviews = Table(
    "mention_reviews",
    metadata,
    _id(),
    _ref("erasure_id", "erasures"),
    Column("place", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Sealed),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    UniqueConstraint("erasure_id", "place"),
)
"""What somebody decided of others' words that name a woman who was erased: her name taken out, or kept for a reason.
`place` is TABLE.COLUMN and the row's key."""

legal_holds = Table(
    "legal_holds",
    metadata,
    _id(),
    Column("participant_id", BigInteger, nullable=False),
    Column("until_on", Date, nullable=False),
    Column("reason", Sealed),
    Column("set_at", Instant, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("lifted_at", Instant),
    Index(
        "uq_legal_holds_now",
        "participant_id",
        unique=True,
        sqlite_where=text("lifted_at IS NULL"),
        postgresql_where=text("lifted_at IS NULL"),
    ),
)
"""That what is kept of a woman may not be deleted before that day is over, because a law or an authority says so."""

requests = Table(
    "requests",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("participant_id", BigInteger, nullable=False),
    _ref("erasure_id", "erasures", nullable=True),
    Column("kind", Text, nullable=False),
    Column("words", Sealed),
    Column("state", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("asked_how", Text, nullable=False),
    _ref("taken_by", "staff", nullable=True),
    Column("proved_how", Text),
    Column("proved_at", Instant),
    Column("answer_by_on", Date, nullable=False),
    Column("answer_extended", Sealed),
    Column("answer", Text),
    Column("denied_why", Sealed),
    Column("answered_at", Instant),
    _ref("answered_by", "staff", nullable=True),
    Column("carry_out_by_on", Date),
    Column("carry_out_extended", Sealed),
    Column("carried_out_at", Instant),
    _ref("carried_out_by", "staff", nullable=True),
    Column("warned_at", Instant),
    CheckConstraint("(proved_at IS NULL) = (proved_how IS NULL)", name="proved_somehow"),
    CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered_somehow"),
    CheckConstraint("(carry_out_by_on IS NULL) OR (answer = 'granted')", name="only_what_is_granted_is_carried_out"),
    Index("ix_requests_participant_id", "participant_id"),
)
"""What a woman asked for by law: to see, to correct, to erase, or that something is done no more. `answer_extended` and
`carry_out_extended` say why a term was made longer, which each may be once; `denied_why` is what she read."""

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text),
    Column("detail", Text),
    Column("mac", Text, nullable=False),
)

installation = Table(
    "installation",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("sealed", Sealed),
)
"""Facts about this installation that commands leave for each other, such as the bot's username."""
