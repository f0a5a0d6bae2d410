"""Which conversation takes an event: one table of dialogues, one rule of precedence."""

from __future__ import annotations

from dataclasses import replace

from bot.library import Library
from bot.participant.checkin import Checkin
from bot.participant.code import Code
from bot.participant.coming_back import ComingBack
from bot.participant.crisis import Crisis
from bot.participant.door import HELP_BUTTON, Presence, Stale
from bot.participant.enrolment import Enrolment
from bot.participant.front import Front
from bot.participant.gate import Gate, admitted
from bot.participant.notice import Notice
from bot.participant.notices import NOTICE_BUTTONS, Notices
from bot.participant.purposes import Permissions
from bot.participant.renewal import Renewal
from bot.participant.rights import Rights
from bot.participant.sharing import Sharing
from bot.staff.approve_room import ApproveRoom
from bot.staff.audit import AuditRoom
from bot.staff.broadcast import BroadcastRoom
from bot.staff.broadcast_card import Terms
from bot.staff.calls import CallRoom
from bot.staff.capture import CaptureRoom
from bot.staff.cases import CaseRoom
from bot.staff.desk import StaffDesk
from bot.staff.digest import DigestRoom
from bot.staff.export_room import ExportRoom
from bot.staff.files import FilesRoom
from bot.staff.instruments import InstrumentRoom
from bot.staff.lobby import Lobby
from bot.staff.paper import PaperRoom
from bot.staff.pin import PinRoom
from bot.staff.practice import PracticeRoom
from bot.staff.quality import QualityRoom
from bot.staff.report_room import ReportRoom
from bot.staff.results import ResultsRoom
from bot.staff.rights import RightsRoom
from bot.staff.room import Room
from bot.staff.roster import RosterRoom
from bot.staff.roster_add import AddRoom
from bot.staff.roster_edit import EditRoom
from bot.staff.roster_file import RosterFileRoom
from bot.staff.roster_freeze import FreezeRoom
from bot.staff.roster_invite import InviteRoom
from bot.staff.roster_rest import RestRoom
from bot.staff.team import TeamRoom
from bot.staff.transcribe import VoiceRoom
from scheduler.applied import Plans
from scheduler.dialogue import (
    BlockedChanged,
    CheckinDue,
    Dialogue,
    Event,
    FileArrived,
    FromHer,
    ReminderDue,
    Started,
    Tapped,
)
from scheduler.her_hours import may_send_by
from storage.facts import Who
from storage.interviews import Conversation

ALWAYS_VALID = frozenset({HELP_BUTTON})
"""Buttons that ask for something rather than answer something: they work however old they are."""


def staff_rooms(library: Library, plans: Plans, *, notice: Notice, terms: Terms | None = None) -> list[Room]:
    """The kinds of work that staff can do from their chat."""
    return [
        Lobby(),
        PinRoom(),
        InstrumentRoom(library, plans),
        TeamRoom(),
        CaseRoom(may_send_by(plans)),
        CaptureRoom(library, plans),
        PracticeRoom(library),
        VoiceRoom(library),
        RosterRoom(),
        AddRoom(plans),
        EditRoom(plans),
        PaperRoom(notice),
        RestRoom(),
        InviteRoom(),
        FreezeRoom(),
        FilesRoom(),
        RosterFileRoom(plans),
        CallRoom(plans),
        DigestRoom(),
        ResultsRoom((terms or Terms()).catalogue),
        ReportRoom((terms or Terms()).catalogue),
        ExportRoom(),
        ApproveRoom(),
        AuditRoom(),
        QualityRoom((terms or Terms()).catalogue),
        RightsRoom(),
        BroadcastRoom(replace(terms or Terms(), may_send=may_send_by(plans))),
    ]


class Desk:
    """Sends each event to the open conversation, or to whoever attends to a chat without one."""

    def __init__(self, library: Library, *, plans: Plans, notice: Notice, terms: Terms | None = None) -> None:
        self._enrolment = Enrolment(notice)
        self._checkin: Dialogue = Checkin(library)
        self._door: Dialogue = Front()
        self._coming_back: Dialogue = ComingBack()
        self._staff: Dialogue = StaffDesk(staff_rooms(library, plans, notice=notice, terms=terms))
        self._stale: Dialogue = Stale()
        self._presence: Dialogue = Presence()
        self._notices: Dialogue = Notices()
        self._gate, self._code, self._sharing, self._rights = Gate(), Code(), Sharing(), Rights(library)
        self._crisis, self._crisis_amid = Crisis(), Crisis(amid=True)
        self._renewal = Renewal(notice)
        self._permissions = Permissions(notice)
        kept = (self._enrolment, self._checkin, self._door, self._coming_back, self._staff)
        self._by_name = {dialogue.name: dialogue for dialogue in kept}

    def choose(self, event: Event, *, who: Who, conversation: Conversation | None) -> Dialogue:
        """The dialogue for this event."""
        if isinstance(event, BlockedChanged):
            return self._presence
        if isinstance(event, CheckinDue | ReminderDue):
            return self._checkin
        if who.staff is not None or (isinstance(event, FileArrived) and not who.known):
            return self._staff  # whose buttons say all that they need: none is too old
        first_contact = conversation if conversation and conversation.dialogue == self._enrolment.name else None
        if self._crisis.takes(event, who) and not (first_contact and self._enrolment.is_named(first_contact, event)):
            return self._crisis_amid if first_contact else self._crisis
        if conversation is not None and conversation.participant_id is None:
            return self._by_name[conversation.dialogue]  # a first contact, whoever else's the chat is
        if isinstance(event, Started) and event.for_another:
            return self._enrolment
        beside = self._beside(event, who, conversation=conversation)
        return beside or self._inside(event, who, conversation=conversation)

    def _beside(self, event: Event, who: Who, *, conversation: Conversation | None) -> Dialogue | None:
        """What goes before an open conversation, and leaves it as it is."""
        for beside in (self._sharing, self._gate, self._code, self._permissions):
            if beside.takes(event, who):
                return beside
        sitting = conversation if conversation and conversation.dialogue == self._checkin.name else None
        if self._rights.takes(event, who, sitting=sitting is not None):
            return self._rights
        asked = sitting is not None and (not isinstance(event, Tapped) or event.session == sitting.id)
        return self._renewal if self._renewal.takes(event, who, asked=asked) else None

    def _inside(self, event: Event, who: Who, *, conversation: Conversation | None) -> Dialogue:
        """The dialogue for what happens in a chat whose woman is in, or that is nobody's."""
        if isinstance(event, Tapped) and event.action in NOTICE_BUTTONS and who.person is not None:
            return self._notices
        if isinstance(event, Tapped) and (conversation is None or conversation.id != event.session):
            if event.action not in ALWAYS_VALID or not who.known:
                return self._stale
            return self._idle(who)
        if isinstance(event, Started) and event.token and who.person is not None and who.person.stopped:
            return self._coming_back
        if conversation is not None:
            return self._by_name[conversation.dialogue]
        return self._idle(who)

    def admitted(self, event: FromHer, who: Who) -> Who:
        """The chat as this event finds it."""
        return admitted(event, who)

    def gives_way(self, dialogue: str) -> bool:
        """Only what waits at the door for a tap makes room for a check-in; a first contact is never cut short."""
        return dialogue == self._door.name

    def _idle(self, who: Who) -> Dialogue:
        return self._door if who.person is not None else self._enrolment
