"""How rows become facts about women: who attended, who found work, who earns more, whose score rose.

* Every fact is a mask over all women, so that figures, their groups and what moved them are set operations.
* The latest word counts. Where a day has several, incomes of that day add up, and of anything else the least
  favourable word counts: no order of rows is ever asked for.
* What is not known is neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from conversations.answers import AnswerStatus
from storage.outcomes import scoring
from storage.outcomes.changes import Changes, Pairs, Scale
from storage.outcomes.evidence import (
    NEVER,
    PRE,
    SCORE_UNIT,
    SEPARATOR,
    UNKNOWN_PAY,
    Evidence,
    Incomes,
    Jobs,
    Mask,
    Numbers,
    R,
    earliest,
    latest,
)
from storage.outcomes.figures import BOTH_SCOPES, CURRENT, EVER, Asked
from storage.outcomes.pack import TOTAL, Construct
from storage.outcomes.work import NO_WORK, UNPAID_WORK

TRADE = "laboral"
"""The axis whose workshops train in a trade."""

NOT_GAINFUL = (NO_WORK, UNPAID_WORK)
"""Kinds of work that nobody pays: known, and not found work."""

NOW, FIRST_WAVE = "actual", "primera_ola"
VALUATION = "valoracion"
AGREES = 4 * SCORE_UNIT
"""Of five answers, the fourth and the fifth agree."""

_REFUSED = str(int(AnswerStatus.REFUSED))


@dataclass(frozen=True, slots=True, eq=False)
class Earned:
    """What women earned in a month: who is known, her centavos, the version of the factors, and who refused."""

    known: Mask
    cents: Numbers
    factors: Numbers
    day: Numbers
    refused: Mask


def moment_of(asked: Asked) -> str:
    """When is asked about: ever, current, or a point's name."""
    return asked.point or asked.moment


class Reading:
    """What the evidence says to one question: in a scope, at a moment, against a baseline."""

    def __init__(self, evidence: Evidence, asked: Asked) -> None:
        self.evidence, self.asked = evidence, asked
        self.moment = moment_of(asked)
        self.point = None if self.moment in (EVER, CURRENT) else self.moment

    @cached_property
    def now(self) -> Reading:
        """The same, as things stand at the cut-off."""
        return Reading(self.evidence, replace(self.asked, moment=CURRENT))

    # --- the registry

    @cached_property
    def participated(self) -> Mask:
        """Attended anything."""
        return self.any(self.evidence.enrolments.woman)

    @cached_property
    def trained(self) -> Mask:
        """Attended a workshop that trains in a trade."""
        return self.first_training < NEVER

    @cached_property
    def first_training(self) -> Numbers:
        """The day on which her first such workshop began."""
        trades = self.evidence.enrolments.only(self.evidence.enrolments.axis.among(TRADE))
        return earliest(trades.woman, trades.day, size=self.evidence.size)

    def trained_in(self, year: int) -> Mask:
        """Attended a workshop in a trade that began in that year."""
        return self.any(self.evidence.enrolments.woman[in_year(self.evidence, year)])

    @cached_property
    def expected(self) -> Mask:
        """Everybody; at a point, whose check-in was due."""
        if self.point is None:
            return np.ones(self.evidence.size, dtype=np.bool_)
        return self.any(self.evidence.expected.woman[self.evidence.expected.point.among(self.point)])

    def any(self, women: Numbers) -> Mask:
        """The women among these numbers."""
        found = np.zeros(self.evidence.size, dtype=np.bool_)
        found[women] = True
        return found

    # --- work

    @cached_property
    def _jobs(self) -> Jobs:
        """What is known of her work since her first training began, at the point where one is asked about."""
        jobs = self._at_point(self.evidence.jobs, lambda: self.evidence.jobs_at)
        return jobs.only(jobs.last >= self.first_training[jobs.woman])

    @cached_property
    def status_known(self) -> Mask:
        """It is known whether she works: a job, a word that she has none, or an answer about it."""
        return self.any(self._jobs.woman)

    @cached_property
    def _found(self) -> Jobs:
        jobs = self._jobs
        gainful = ~jobs.kind.among(*NOT_GAINFUL)
        if self.asked.scope != BOTH_SCOPES:
            gainful &= jobs.scope.among(self.asked.scope)
        return jobs.only(gainful & self._standing if self.moment == CURRENT else gainful)

    @property
    def _standing(self) -> Mask:
        """Jobs that have not ended, and that no later word about all her work leaves out."""
        jobs = self._jobs
        whole = ~jobs.point.among("") | jobs.kind.among(NO_WORK)
        last_word = latest(jobs.woman[whole], jobs.said[whole], size=self.evidence.size)
        return ~jobs.over & (jobs.said >= last_word[jobs.woman])

    @cached_property
    def employed(self) -> Mask:
        """Found paid or gainful work."""
        return self.any(self._found.woman)

    def works_at(self, kind: str) -> Mask:
        """Found work of that kind."""
        return self.any(self._found.woman[self._found.kind.among(kind)])

    # --- income and family

    @cached_property
    def income_now(self) -> Earned:
        """Her latest income, or that of the point."""
        pay = self._at_point(self.evidence.incomes, lambda: self.evidence.incomes_at)
        rows = pay.moment.among(NOW)
        if self.asked.scope != BOTH_SCOPES:
            rows &= pay.scope.among(self.asked.scope)
        return self._earned(pay.only(rows))

    @cached_property
    def income_before(self) -> Earned:
        """Her income at the baseline. The first wave is the import's, or else her first answer in a check-in."""
        pay = self.evidence.incomes
        told = pay.moment.among(self.asked.baseline)
        if self.asked.baseline != FIRST_WAVE:
            return self._earned(pay.only(told))
        told_ones, answered = self.any(pay.woman[told]), pay.moment.among(NOW) & ~pay.point.among("")
        answered &= (pay.cents != UNKNOWN_PAY) & ~told_ones[pay.woman]
        first = earliest(pay.woman[answered], pay.day[answered], size=self.evidence.size)
        return self._earned(pay.only(told | (answered & (pay.day == first[pay.woman]))))

    def _earned(self, pay: Incomes) -> Earned:
        """What was earned on the latest day of which something is known; not known if part of that day is not."""
        size, known = self.evidence.size, pay.cents != UNKNOWN_PAY
        day = latest(pay.woman[known], pay.day[known], size=size)
        last = pay.only(pay.day == day[pay.woman])
        cents = np.bincount(last.woman, weights=last.cents, minlength=size)
        least, most = np.full(size, NEVER), np.full(size, -1)
        factors = last.factors.index.astype(np.int64)
        np.minimum.at(least, last.woman, factors)
        np.maximum.at(most, last.woman, factors)
        whole = (day >= 0) & ~self.any(last.woman[last.cents == UNKNOWN_PAY]) & (least == most)
        refused = self.any(pay.woman[pay.status.among(_REFUSED)])
        return Earned(whole, cents.astype(np.int64), most, day, refused)

    @cached_property
    def incomes_known(self) -> Mask:
        """Both incomes are known and were reckoned by the same factors, one before the other if she told both."""
        before, now = self.income_before, self.income_now
        found: Mask = before.known & now.known & (before.factors == now.factors)
        return found & (before.day < now.day) if self.asked.baseline == FIRST_WAVE else found

    @cached_property
    def earns_more(self) -> Mask:
        """Earns more than at the baseline."""
        return self.incomes_known & (self.income_now.cents > self.income_before.cents)

    @cached_property
    def _gifts(self) -> tuple[Mask, Mask, Mask]:
        """Who said whether she gave, who gave, who refused to say."""
        one = self._at_point(self.evidence.supports, lambda: self.evidence.supports_at)
        yes_no = np.isin(one.given, (0, 1))
        said = one.only(yes_no)
        day = latest(said.woman, said.day, size=self.evidence.size)
        last = said.only(said.day == day[said.woman])
        gave = (day >= 0) & ~self.any(last.woman[last.given == 0])
        return day >= 0, gave, self.any(one.woman[one.given == int(AnswerStatus.REFUSED)])

    @property
    def giving_known(self) -> Mask:
        """Said whether she gave her family something."""
        return self._gifts[0]

    @property
    def gave(self) -> Mask:
        """Gave her family something."""
        return self._gifts[1]

    @property
    def giving_refused(self) -> Mask:
        """Did not want to say."""
        return self._gifts[2]

    # --- scores

    @cached_property
    def valued(self) -> tuple[Mask, Mask]:
        """Who said whether the workshops helped her learn and grow, and who agreed in all that she last said of it."""
        whats = [what for what in self.evidence.scores_by if what.instrument == VALUATION]
        wanted = [SEPARATOR.join(what) for what in whats if self.point in (None, what.moment)]
        said = self.evidence.scores.only(self.evidence.scores.what.among(*wanted))
        day = latest(said.woman, said.day, size=self.evidence.size)
        last = said.only(said.day == day[said.woman])
        return day >= 0, (day >= 0) & ~self.any(last.woman[last.score < AGREES])

    def pairs(self, construct: Construct, subscale: str) -> Pairs:
        """The change by the instruments of a construct: of her pairs that on the longest one, in the version of her
        latest score. By that subscale where an instrument has it, else by its total."""
        found = Changes.of_nobody(self.evidence.size)
        packs = sorted((-pack.size, pack.name, pack) for pack in scoring.packs() if pack.measures is construct)
        for rank, (_, name, pack) in enumerate(packs):
            scale = Scale(pack, subscale if subscale in pack.scales else TOTAL, rank)
            hers = {w: rows for w, rows in self.evidence.scores_by.items() if w[::2] == (name, scale.subscale)}
            for pre in (what for what in hers if what.moment == PRE):
                after = (what for what in hers if what.version == pre.version and what.moment != PRE)
                found.add(scale, hers[pre], post=[hers[what] for what in after if self.point in (None, what.moment)])
        return found.pairs()

    def _at_point(self, rows: R, by_point: Callable[[], Mapping[str, R]]) -> R:
        """The rows of the point that is asked about, or all."""
        if self.point is None:
            return rows
        return by_point().get(self.point, rows.only(slice(0)))


def in_year(evidence: Evidence, year: int) -> Mask:
    """The enrolments in a trade that began in that year."""
    one = evidence.enrolments
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return one.axis.among(TRADE) & (one.day >= first) & (one.day <= last)
