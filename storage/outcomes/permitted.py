"""Which rows of the outcome store may be counted or leave, by what each woman allows now; docs/privacy.md has the rule.

* What she has taken back (she allowed it once, and her last word is no) stands in no figure and no export any more,
  whatever moment is asked about: her incomes, or her scores.
* Nothing of a woman who said no to studies and public figures is counted for the public; what she answered in a
  check-in is counted there only with her yes. Of who was never asked, a row from a file stands on that row's consent.
* Who took part in what is the programme's own count, and no answer of hers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Select, Table, and_, or_, select, true

from storage.consents import Purpose, last_word
from storage.outcomes import scoring
from storage.outcomes.pack import Construct
from storage.schema import answers, checkins, consents, incomes, measurements

SET_APART = (Purpose.INCOME, Purpose.WELLBEING)
"""The purposes whose answers are withheld once they are taken back."""

FREE_OF_PURPOSE = Construct.LEARNING
"""What a scale measures that asks of the workshops, and not how she feels."""


def may_be_told(table: Table, *, public: bool) -> ColumnElement[bool]:
    """The rows of an outcome table (employments, incomes, supports, measurements) that may be counted, or leave."""
    told = _not_taken_back(table)
    if not public:
        return told
    hers = table.c.participant_id
    asked = or_(table.c.checkin_id.is_(None), hers.in_(agreeing()))
    return and_(told, hers.not_in(_last_word_no(Purpose.RESEARCH)), asked)


def _not_taken_back(table: Table) -> ColumnElement[bool]:
    if table is incomes:
        return table.c.participant_id.not_in(_taken_back(Purpose.INCOME))
    if table is measurements:
        learning = sorted(pack.name for pack in scoring.packs() if pack.measures is FREE_OF_PURPOSE)
        return or_(table.c.instrument.in_(learning), table.c.participant_id.not_in(_taken_back(Purpose.WELLBEING)))
    return true()


def answers_told(questions: Mapping[tuple[str, str], Collection[str]]) -> ColumnElement[bool]:
    """The answers that may leave (joined with their check-ins); `questions` are names by instrument and purpose."""
    withheld = [
        and_(
            answers.c.instrument == instrument,
            answers.c.variable.in_(sorted(names)),
            checkins.c.participant_id.in_(_taken_back(Purpose(purpose))),
        )
        for (instrument, purpose), names in questions.items()
        if purpose in SET_APART
    ]
    return ~or_(*withheld) if withheld else true()


def agreeing() -> Select[tuple[int]]:
    """The women who say yes to studies and public figures."""
    return _last_word(Purpose.RESEARCH).where(consents.c.given)


def _last_word_no(purpose: Purpose) -> Select[tuple[int]]:
    return _last_word(purpose).where(~consents.c.given)


def _taken_back(purpose: Purpose) -> Select[tuple[int]]:
    """The women who allowed it once, and do not any more."""
    once = consents.alias()
    yes = select(once.c.id).where(once.c.participant_id == consents.c.participant_id, once.c.purpose == purpose)
    return _last_word_no(purpose).where(yes.where(once.c.given).exists())


def _last_word(purpose: Purpose) -> Select[tuple[int]]:
    hers = consents.c.id == last_word(consents.c.participant_id, purpose)
    return select(consents.c.participant_id).where(consents.c.purpose == purpose, hers)
