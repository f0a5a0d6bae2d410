"""Each thing that a registry of the code names happens in some transcript, or stands below with the reason why not.

* What happened was noted while the transcripts were played (`record.py`); nothing here reads their text.
* Every registry is asked for more than nothing, and an exception that has become needless fails as well.
"""

from typing import get_args

import pytest

from bot.desk import Desk
from bot.library import Library
from bot.participant import actions
from bot.participant.menus import MenuKind
from bot.participant.notice import Notice
from bot.routing import ATTACHMENTS
from conversations.answers import AnswerStatus
from conversations.errors import Rejection
from conversations.events import Event as InterviewEvent
from conversations.instrument import QuestionType
from conversations.reading.controls import Control
from conversations.reading.pauses import PauseFor
from conversations.reading.result import Unreadable
from conversations.session import TRANSITIONS
from conversations.speech import Asking, Speech
from scheduler.applied import Plans
from scheduler.dialogue import Event as DialogueEvent
from scheduler.writers import WRITERS
from tests.transcripts.play import ASIDE, ASKS, RESTART
from tests.transcripts.record import Of, Record
from tests.transcripts.stage import FILES, Stage

HOW_ANSWERED = {
    QuestionType.SELECT_ONE: {"ChoiceSelected", "MsgReceived", "MsgEdited"},
    QuestionType.SELECT_MULTIPLE: {"ChoicesDone", "MsgReceived"},
    QuestionType.INTEGER: {"ChoiceSelected", "MsgReceived", "MsgEdited"},
    QuestionType.DECIMAL: {"ChoiceSelected", "MsgReceived"},
    QuestionType.TEXT: {"MsgReceived", "VoiceReceived", "MsgEdited", "ConfirmationGiven"},
    QuestionType.DATE: {"DatePartGiven", "MsgReceived"},
    QuestionType.ACKNOWLEDGE: {"ChoiceSelected", "MsgReceived"},
    QuestionType.AUDIO: {"VoiceReceived", "MsgReceived"},
    QuestionType.NOTE: set(),
    QuestionType.CALCULATE: set(),
}
"""By which events a question of each type must have been answered: by a tap where it has buttons, and by typing."""

IN_DOUBT = {QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE, QuestionType.INTEGER, QuestionType.DECIMAL} | {
    QuestionType.TEXT  # an amount of money
}
"""The types whose reading can be in doubt. Of a date it can be, too, but only for a day long past or without a year."""

NEVER = {
    (Of.EVENT, "FileArrived"): "only staff send files that are fetched: tests/integration/test_staff_instruments.py",
    (
        Of.SAID,
        "rejected.not_accepted",
    ): "no button of one type of question stands under another: tests/unit/test_session.py",
    **{
        (Of.RECORD, record): "only staff send instruments: tests/integration/test_staff_instruments.py"
        for record in ("FileWanted", "DraftDiscarded", "InstrumentInstalled")
    },
    (Of.RECORD, "FileImported"): "so with files of women: tests/integration/test_staff_roster_file.py",
    (Of.RECORD, "AuthenticatorChosen"): "a code is another every half minute: tests/integration/test_staff_team.py",
    **{
        (Of.RECORD, record): "no auditor is at work in a transcript: tests/integration/test_staff_audit.py"
        for record in ("TrailRead", "ProofWanted")
    },
    (Of.RECORD, "Approved"): "it takes more women than a transcript has: tests/integration/test_staff_broadcast.py",
    (Of.RECORD, "ContactsRead"): "contacts come by the command line: tests/integration/test_staff_calls.py",
    **{
        (Of.SPEECH, speech): "posted beside all steps, and seen as calls: staff_export.txt, gate.txt"
        for speech in ("StoredFileHanded", "MessagesTaken", "ChatCleared")
    },
    (Of.WORD, f"checkin {Control.EXIT}"): "whoever leaves meets the gate, not the check-in: gate.txt",
    (Of.MENU, f"tap {MenuKind.DATE}"): "a day in her own words has no buttons",
    (Of.SAID, "rejected.unknown_choice"): "what is not offered has no button: tests/unit/test_session_answers.py",
}
"""What no transcript can show, and why; each is tested elsewhere."""

LAST_WORD = {Of.UNREADABLE, Of.EVENT}
"""Notes of which the last word is the registry's."""

WAYS = {"edits", "replies", "taps again", "taps from before", *ASIDE, ASKS.strip(), RESTART} - {"has joined"}


@pytest.fixture
def wanted() -> dict[Of, set[str]]:
    """What must have happened, from the registries."""
    desk = Desk(Library([]), plans=Plans(default=""), notice=Notice("1", "h"))
    taps = {action for name, action in vars(actions).items() if name.isupper() and isinstance(action, str)}
    return {
        Of.TRANSITION: {f"{status} {event.__name__}" for status, event in TRANSITIONS},
        Of.ASKED: set(QuestionType),
        Of.ANSWERED: {f"{kind} {event}" for kind, events in HOW_ANSWERED.items() for event in events},
        Of.CONFIRMED: set(IN_DOUBT),
        Of.UNREADABLE: set(Unreadable),
        Of.STATUS: {status.name for status in AnswerStatus},
        Of.EVENT: {event.__name__ for event in get_args(DialogueEvent)},
        Of.SPEECH: {kind.__name__ for kind in (*get_args(Asking), *get_args(Speech))},
        Of.SAID: {f"rejected.{reason}" for reason in Rejection},
        Of.WORD: {f"checkin {control}" for control in Control},
        Of.ATTACHED: {f"checkin {kind}" for kind in ATTACHMENTS},
        Of.TAPPED: taps,
        Of.PAUSED: {f"{how} {pause}" for how in ("tap", "word") for pause in PauseFor},
        Of.DIALOGUE: {dialogue.name for dialogue in vars(desk).values() if hasattr(dialogue, "step")},
        Of.MENU: {f"{how} {kind}" for how in ("tap", "word") for kind in MenuKind},
        Of.RECORD: {kind.__name__ for kind in WRITERS},
        Of.DID: WAYS,
    }


async def _all(stage: Stage) -> Record:
    record = Record()
    for path in reversed(FILES):  # another process may be playing them from the other end
        record += (await stage.perform(path)).record
    return record


@pytest.fixture
async def happened(stage: Stage) -> Record:
    """All that happened in all transcripts."""
    return await _all(stage)


async def test_everything_that_a_registry_names_happens_in_a_transcript(
    happened: Record, wanted: dict[Of, set[str]]
) -> None:
    unseen = {(of, name) for of, names in wanted.items() for name in names - _members(happened, of)}
    assert unseen == NEVER.keys()
    assert all(wanted.values()), "a registry is empty"
    assert {event for _, event in TRANSITIONS} == set(get_args(InterviewEvent)), "an event is in no transition"
    print(f"{sum(map(len, wanted.values()))} kinds of things in {len(FILES)} transcripts")


def _members(happened: Record, of: Of) -> set[str]:
    """What happened, by the registry's own names; of some things the rest of the note says where it was."""
    return {name.split()[-1] for name in happened.noted[of]} if of in LAST_WORD else happened.noted[of]
