"""Where a check-in stands in her chat, and the buttons that stand under its own messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.participant import actions
from conversations.codec import Tagged, session_from_dict
from conversations.effects import SessionStatus
from conversations.reading.pauses import PauseFor
from conversations.speech import Button, ButtonsRemoved, Phrase

PUT_OFF = timedelta(hours=20)
"""'Later' is her next slot from here on: the same time tomorrow falls into it again."""

PAUSES = {PauseFor.HOUR: timedelta(hours=1), PauseFor.TOMORROW: PUT_OFF, PauseFor.WEEK: timedelta(days=7)}
PAUSE_KEYS = ("pause.hour", "pause.tomorrow", "pause.week")

CONTROL_KEYS = ("button.back", "button.skip", "button.refuse", "button.pause", "button.help")
"""What a recording can tell of the controls, the first time that she asks to listen."""

INVITATION = (
    (Button(actions.BEGIN, Phrase("button.begin")), Button(actions.LATER, Phrase("button.later"))),
    (Button(actions.HELP, Phrase("button.help")),),
)
RESUMPTION = ((Button(actions.CONTINUE, Phrase("button.continue")),), (Button(actions.HELP, Phrase("button.help")),))
RESTING = (
    *((Button(actions.REST + pause, Phrase(f"pause.{pause.value}")),) for pause in PauseFor),
    *RESUMPTION,
)


class Offer(StrEnum):
    """What she was asked above the open question."""

    PAUSE = "pause"  # when to go on
    RESUMPTION = "resumption"  # whether to go on


@dataclass(frozen=True, slots=True)
class Sitting:
    """A check-in in her chat: invited while `interview` is None, then the engine's session.

    `invited_in` is the sprint that shows the buttons of the invitation, or of the `offer` that she has not settled;
    `closes_at` is the end of the check-in's window; `listening` says that she wants prompts spoken; `held` is what the
    door keeps for her while no question is open.
    """

    checkin: int
    instrument: str
    version: str
    invited_in: int
    closes_at: datetime
    interview: dict[str, Any] | None = None
    offer: Offer | None = None
    listening: bool = False
    held: str | None = None

    @property
    def completed(self) -> bool:
        """Whether everything is asked, and only corrections are left."""
        return self.interview is not None and self.interview["status"] == SessionStatus.COMPLETED

    @property
    def finished(self) -> bool:
        """Whether she has been through it once, even if she is correcting something now."""
        return self.interview is not None and bool(self.interview["finished"])


SITTINGS: Tagged[Sitting] = Tagged(Sitting)
"""How a sitting is kept."""


def without_buttons(sitting: Sitting, session: int) -> list[ButtonsRemoved]:
    """Whatever is open of it in the chat of that session loses its buttons."""
    if sitting.interview is None:
        return [ButtonsRemoved(session, sitting.invited_in)]
    interview = session_from_dict(sitting.interview)
    shown_in = (interview.asked_in, interview.waiting_since, *((sitting.invited_in,) if sitting.offer else ()))
    return [ButtonsRemoved(session, sprint) for sprint in dict.fromkeys(shown_in)]
