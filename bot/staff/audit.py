"""The audit trail in plain words, page by page, and whether anybody has altered it.

* Staff stand in it by name, women by their pseudonym alone; what was said stands nowhere.
* What the trail says in a code that has no words here is shown as the code: nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.staff.room import Act, Turn, View, button, member_of, whole
from bot.staff.wording import kind_within
from conversations.codec import Tagged
from conversations.speech import Phrase
from locales.catalog import SPANISH, long_date
from scheduler.dialogue import Facts
from storage.members import Member
from storage.records import Need
from storage.trail import Page, ProofWanted, Told, TrailPage, TrailProof, TrailRead, Written

ACTION_KEYS = (
    *("staff.audit.pin_chosen", "staff.audit.pin_missed", "staff.audit.pin_forgotten"),
    *("staff.audit.authenticator_chosen", "staff.audit.role_changed", "staff.audit.staff_revoked"),
    *("staff.audit.invited", "staff.audit.account_linked", "staff.audit.participant_added"),
    *("staff.audit.woman_registered", "staff.audit.participant_set", "staff.audit.corrected"),
    *("staff.audit.release_date_filled", "staff.audit.roster_imported", "staff.audit.roster_read"),
    "staff.audit.caseload_moved",
    *("staff.audit.card_read", "staff.audit.phone_read", "staff.audit.phone_changed", "staff.audit.contact_added"),
    *("staff.audit.contacts_read", "staff.audit.contact_phone_read", "staff.audit.contact_withdrawn"),
    *("staff.audit.attempt_recorded", "staff.audit.consent_given", "staff.audit.consent_refused"),
    *("staff.audit.stopped", "staff.audit.stop_lifted"),
    *("staff.audit.paused", "staff.audit.resumed", "staff.audit.frozen"),
    *(
        "staff.audit.thawed",
        "staff.audit.marked_unsafe",
        "staff.audit.recovery_asked",
        "staff.audit.code_reset",
        "staff.audit.recovery_failed",
    ),
    *("staff.audit.recovery_granted", "staff.audit.recovery_refused", "staff.audit.capture_began"),
    *("staff.audit.capture_ended", "staff.audit.capture_freed", "staff.audit.case_read", "staff.audit.case_taken"),
    "staff.audit.case_sent_seen",
    *("staff.audit.case_attended", "staff.audit.case_answered", "staff.audit.case_answer_taken_back"),
    *("staff.audit.case_noted", "staff.audit.case_given", "staff.audit.case_closed", "staff.audit.away"),
    "staff.audit.crisis_judged",
    *("staff.audit.back", "staff.audit.voice_heard", "staff.audit.voice_transcribed", "staff.audit.voice_unclear"),
    *("staff.audit.voice_deleted", "staff.audit.broadcast_drafted", "staff.audit.broadcast_discarded"),
    *("staff.audit.broadcast_draft", "staff.audit.broadcast_waiting_approval", "staff.audit.broadcast_scheduled"),
    *("staff.audit.broadcast_sending", "staff.audit.broadcast_paused", "staff.audit.broadcast_cancelled"),
    *("staff.audit.broadcast_done", "staff.audit.broadcast_retired", "staff.audit.broadcast_reported"),
    *("staff.audit.outcomes_imported", "staff.audit.figures_published"),
    *("staff.audit.keys_added", "staff.audit.keys_copied", "staff.audit.keys_removed"),
    *("staff.audit.backup_made", "staff.audit.backup_proved", "staff.audit.launch_passed"),
    *("staff.audit.store_restored", "staff.audit.sending_released"),
    *("staff.audit.instrument_installed", "staff.audit.plan_applied", "staff.audit.digest_wanted"),
    *("staff.audit.digest_unwanted", "staff.audit.audit_read", "staff.audit.report_made"),
    *("staff.audit.export_asked", "staff.audit.export_ended", "staff.audit.export_made", "staff.audit.approval_drawn"),
    *("staff.audit.erased", "staff.audit.consent_withdrawn", "staff.audit.erasure_proved"),
    *("staff.audit.erasure_undone", "staff.audit.erasure_carried_out", "staff.audit.blocked_read"),
    *("staff.audit.breach_told", "staff.audit.mentions_read"),
    *("staff.audit.mention_redacted", "staff.audit.mention_kept"),
    *("staff.audit.hold_set", "staff.audit.hold_lifted", "staff.audit.own_data_read"),
    *("staff.audit.request_opened", "staff.audit.request_taken", "staff.audit.request_proved"),
    *("staff.audit.request_extended", "staff.audit.request_answered", "staff.audit.request_carried_out"),
)
_ACTIONS = {key.removeprefix("staff.audit."): key for key in ACTION_KEYS}
ACTOR_KEYS = ("staff.actor_command", "staff.actor_participant", "staff.actor_bot", "staff.actor_gone")
_COMMAND, _PARTICIPANT, _BOT, _GONE = ACTOR_KEYS
_ACTORS = {"command": _COMMAND, "participant": _PARTICIPANT, "chat": _BOT, "tick": _BOT, "": _GONE}
NOBODY = "—"
ABOUT_CASE = "case_"
_PROOF = ((button("audit.proof", "staff.audit_proof_button"),),)


class AuditRoom:
    """Where the trail is read."""

    name = "audit"
    states: Tagged[Any] = Tagged()

    def until(self, held: Any) -> datetime | None:
        """Nothing waits here."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The page that is meant, or the proof."""
        return (TrailProof(),) if act.verb == "proof" else (TrailPage(_before(act)),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Show it."""
        if act.verb == "proof":
            return Turn(None, _proof(facts.get(TrailProof())), stays=False)
        if act.verb == "prove":
            return Turn(None, View(Phrase("staff.audit_proving"), _PROOF), (ProofWanted(),), stays=False)
        page = facts.get(TrailPage(_before(act)))
        if page is None:
            return None
        opened = (TrailRead(member_of(facts).staff),) if act.verb == "list" else ()
        return Turn(None, _shown(page), opened, stays=False)


def _before(act: Act) -> int:
    return whole(act.about) if act.verb == "page" else 0


def _proof(found: Told | None) -> View:
    again = (button("audit.prove", "staff.audit_prove_button"),)
    rows = (again, (button("audit.list", "staff.audit_newest_button"),))
    if found is None:
        return View(Phrase("staff.audit_unproved"), rows)
    when = _moment(found.proof.at, found.zone)
    if found.proof.broken_at:
        return View(Phrase("staff.audit_broken", {"number": found.proof.broken_at, "when": when}), rows)
    return View(Phrase("staff.audit_holds", {"count": found.proof.entries, "when": when}), rows)


def _moment(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{long_date(local.date(), SPANISH)}, {local:%H:%M}"


def _shown(page: Page) -> View:
    lines = tuple(line for entry in page.entries for line in _told(entry, page.zone))
    nothing = (Phrase("staff.audit_nothing"),)
    turning = []
    if page.entries and page.entries[0].number < page.last:
        turning.append(button("audit.list", "staff.audit_newest_button"))
    if page.older:
        turning.append(button(f"audit.page.{page.entries[-1].number}", "staff.audit_older_button"))
    return View(Phrase("staff.audit", lines=lines or nothing), (*filter(None, [tuple(turning)]), *_PROOF))


def _told(entry: Written, zone: str) -> Iterator[Phrase]:
    head: dict[str, str | int] = {"number": entry.number, "when": _moment(entry.at, zone)}
    if (known := _ACTORS.get(entry.actor)) is None:
        yield Phrase("staff.audit_entry", {**head, "who": entry.actor})
    else:
        yield Phrase("staff.audit_entry_of", head, (Phrase(known),))
    about: dict[str, str | int] = {"whom": entry.subject or NOBODY, "detail": _detail(entry)}
    if (action := _ACTIONS.get(entry.action)) is None:
        yield Phrase("staff.audit_other", {**about, "action": entry.action})
    else:
        yield Phrase(action, about)


def _detail(entry: Written) -> str:
    """What stands beside it: of a case its kind in words, and to whom it went."""
    if not entry.action.startswith(ABOUT_CASE):
        return entry.detail or NOBODY
    kind, _, to = entry.detail.partition(":")
    return ", ".join(filter(None, (kind_within(kind) if kind else NOBODY, to)))
