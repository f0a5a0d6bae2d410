"""What can become of an expected check-in.

* A check-in is waiting for a date, open with a deadline, or closed with exactly one fate.
* The values are stored and exported: none is ever renamed or given a second meaning.
"""

from __future__ import annotations

from enum import StrEnum


class CheckinState(StrEnum):
    """Where a check-in stands; every state but `CLOSED` is open."""

    WAITING_FOR_DATE = "waiting_for_date"
    EXPECTED = "expected"
    INVITED = "invited"
    STARTED = "started"
    CLOSED = "closed"


class Fate(StrEnum):
    """How a closed check-in ended."""

    COMPLETED = "completed"
    PARTIAL = "partial"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    PAUSED = "paused"
    NOT_DUE = "not_due"
    MISSED_BY_US = "missed_by_us"


class Reason(StrEnum):
    """Why a check-in ended with its fate."""

    BEFORE_ENROLMENT = "before_enrolment"  # its window had passed when she joined
    DATE_CAME_LATE = "date_came_late"  # its window had passed when its date became known, or was corrected
    PLAN_CAME_LATE = "plan_came_late"  # its window had passed by the plan that was applied, new or edited
    NOT_IN_PLAN = "not_in_plan"  # her plan, or her group, has no such point any more
    ALREADY_LATE = "already_late"  # she joined in its window, and her plan leaves such points out
    OVERLAPPED = "overlapped"  # another check-in of hers was open, and her plan leaves such points out
    MERGED = "merged"  # another check-in, a few days away, asked the same
    DIED = "died"
    NO_ALLOWED_HOUR = "no_allowed_hour"  # the calendar closes the whole window
    NOT_ENROLLED = "not_enrolled"  # she never linked a chat, or never consented
    NO_CHAT = "no_chat"  # her chat is no longer linked
    BLOCKED = "blocked"  # she has blocked the bot
    UNDELIVERABLE = "undeliverable"  # Telegram refuses to bring her messages, for good
    STOPPED = "stopped"  # she wishes to be left alone
    WITHDRAWN = "withdrawn"  # she has taken back her consent
    RESTING = "resting"  # a pause lasted to the end of the window
    NO_ANSWER = "no_answer"  # invited, and silent until the window closed
    UNFINISHED = "unfinished"  # begun, and open when the window closed
    ONLY_ASKED_FOR_HELP = "only_asked_for_help"  # no question answered, but she was in touch and asked for somebody
    NOT_SENT = "not_sent"  # she could be reached, and nothing left us
    OTHER_SITTING = "other_sitting"  # another conversation was open to the end of the window
