"""How the tray of cases and one case look: what is urgent first, and what was said below it.

* Of a case that she sees for somebody else, kind and waiting time stand on the button, and no name.
* A thread shows its newest messages, as many as a screen holds; the older ones stand on the screens before. None is
  cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.fitting import paged
from bot.staff.room import Rows, View, button, turning
from bot.staff.wording import kind_in_words, sent_in_words
from conversations.speech import Button, Phrase
from storage.cases_read import A_PAGE, TEXT, CaseFile, CaseLine, CasesPage, Reach, Spoken, Voice
from storage.cases_work import Outcome
from storage.detections import Verdict
from storage.members import Listed

MOST_SHOWN = 12
"""Messages, of which the pictures, files and voice notes are shown at once."""

A_SCREEN = 3000
"""Characters of a thread on one screen: with what stands around them they stay within Telegram's 4096."""

TURNING_KEYS = ("staff.case_older", "staff.case_newer")
LATE, UNREAD = "⏰ ", "• "
WHOSE = {Voice.HERS: "◂", Voice.REPLY: "▸", Voice.NOTE: "✎"}

REACH_KEYS = {Reach.NO_CHAT: "staff.case_no_chat", Reach.STOPPED: "staff.case_stopped"}

OUTCOME_KEYS = {
    Outcome.ATTENDED: "staff.outcome_attended",
    Outcome.REFERRED: "staff.outcome_referred",
    Outcome.UNREACHED: "staff.outcome_unreached",
    Outcome.NOT_NEEDED: "staff.outcome_not_needed",
}

VERDICT_KEYS = {Verdict.RIGHT: "staff.verdict_right", Verdict.FALSE: "staff.verdict_false"}

BACK = button("cases.list", "staff.cases_back")


def tray(page: CasesPage) -> View:
    """The list: a button for each case."""
    rows = [_row(line) for line in page.lines]
    turns = turning("cases.list", page.page, of=-(-page.count // A_PAGE))
    away = button("cases.back", "staff.back_button") if page.away else button("cases.away", "staff.away_button")
    phrase = Phrase("staff.cases_list", {"count": page.count}) if page.count else Phrase("staff.cases_none")
    return View(phrase, (*rows, *turns, (away,)))


def _row(line: CaseLine) -> tuple[Button, ...]:
    marks = (LATE if line.late else "") + (UNREAD if line.unread else "")
    values: dict[str, str | int] = {"marks": marks, "kind": kind_in_words(line.kind), "hours": _hours(line.waited)}
    if line.covered:
        return (button(f"cases.open.{line.id:x}", "staff.case_row_covered", **values),)
    return (button(f"cases.open.{line.id:x}", "staff.case_row", **values, name=line.name),)


def _hours(waited: timedelta) -> int:
    return int(waited // timedelta(hours=1))


def one(file: CaseFile, back: int = 0) -> View:
    """A case with its thread, and what can be done; `back` is how many screens before the newest one."""
    line, id_ = file.line, f"{file.line.id:x}"
    screens = thread(file)
    back = min(back, len(screens) - 1)
    values: dict[str, str | int] = {
        "kind": kind_in_words(line.kind),
        "name": line.name,
        "owner": line.owner_name,
        "due": f"{file.office.wall(line.due_at):%d/%m %H:%M}",
        "thread": "\n".join(screens[-1 - back]),
    }
    known = f"{id_}.{len(file.answers)}"
    answer = (button(f"cases.reply.{known}", "staff.case_reply"), button(f"cases.canned.{known}", "staff.case_canned"))
    work = (button(f"cases.note.{id_}", "staff.case_note"), button(f"cases.give.{id_}", "staff.case_give"))
    take = () if line.owner is not None else ((button(f"cases.take.{id_}", "staff.case_take"),),)
    see = ((button(f"cases.see.{id_}", "staff.case_see"),),) if sent(file) else ()
    freeze = (button(f"freeze.ask.{file.participant:x}", "staff.freeze_button"),)
    rows = (
        *_turning(id_, back, of=len(screens)),
        *take,
        *see,
        answer,
        work,
        freeze,
        (button(f"cases.close.{id_}", "staff.case_close"), BACK),
    )
    return View(Phrase("staff.case_view" if line.owner is not None else "staff.case_view_free", values), rows)


def _turning(id_: str, back: int, *, of: int) -> Rows:
    """To what was said before, and after that again."""
    beside = zip((back + 1, back - 1), TURNING_KEYS, strict=True)
    row = tuple(button(f"cases.open.{id_}.{to}", key) for to, key in beside if 0 <= to < of)
    return (row,) if row else ()


def _newest(file: CaseFile) -> Sequence[Spoken]:
    return file.thread[-MOST_SHOWN:]


def sent(file: CaseFile) -> tuple[Spoken, ...]:
    """What she sent, among the messages that the thread shows, and can be seen or heard here."""
    return tuple(said for said in _newest(file) if said.file_id)


def verdict(file: CaseFile) -> View:
    """Whether what was found was a danger."""
    id_ = f"{file.line.id:x}"
    rows = tuple((button(f"cases.judge.{id_}.{one}", key),) for one, key in VERDICT_KEYS.items())
    return View(Phrase("staff.case_verdict", {"name": file.line.name}), (*rows, back_to(file)))


def seen(file: CaseFile) -> View:
    """What stands below what she sent."""
    clear = button(f"cases.clear.{file.line.id:x}", "staff.case_clear")
    return View(Phrase("staff.case_seen", {"name": file.line.name}), ((clear,), back_to(file)))


def thread(file: CaseFile) -> tuple[tuple[str, ...], ...]:
    """All that was said, the oldest first, in screens, of which the last is full."""
    return paged([_line(said, file) for said in file.thread] or ["—"], A_SCREEN)


def _line(said: Spoken, file: CaseFile) -> str:
    text = said.text if said.kind == TEXT else f"{sent_in_words(said.kind)} {said.text}".strip()
    return f"{WHOSE[said.voice]} {file.office.wall(said.at):%d/%m %H:%M} {text}"


def colleagues(team: Sequence[Listed], verb: str, *, but: int | None) -> Rows:
    """A button for each member of staff but one."""
    others = [member for member in team if member.staff != but]
    return tuple((button(f"cases.{verb}.{member.staff:x}", "staff.case_to", name=member.name),) for member in others)


def back_to(file: CaseFile) -> tuple[Button, ...]:
    """Back to this case."""
    return (button(f"cases.open.{file.line.id:x}", "staff.case_back"),)
