"""Whether rows about single women would tell who they are, and what is left out so that they do not.

* A woman stands out if fewer than five share her centre, cohort, age band and workshops. Of those who do, the age band
  is left out, then the workshops, the centre, the cohort (and with it the months of release and training), each only
  for those who still stand out.
* What is left out is left out of every table. The same women are always told alike: nothing here is drawn by lot.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import ColumnElement, select

from storage.columns import Columns
from storage.exports.view import age_band
from storage.outcomes.known import known
from storage.schema import enrolments, participants

LEAST = 5
"""How many women must share what is told of each (domain: §8, disclosure; issue 6)."""

TRAITS = ("age_band", "workshop", "centre", "cohort")
"""What is looked at, in the order in which it is left out."""

HIDDEN = "*"

Traits = tuple[str, ...]
"""Those of one woman, in the order of TRAITS; HIDDEN where it is left out."""


@dataclass(frozen=True, slots=True)
class Risk:
    """Of so many women, how many stand out (`few`), and how many are the only one of their kind (`alone`); `hidden`
    are, by trait, those of whom it would have to be left out."""

    women: int
    few: int
    alone: int
    hidden: Mapping[str, pa.Array]


def assess(columns: Columns, *, year: int, least: int = LEAST, whose: ColumnElement[bool] | None = None) -> Risk:
    """The risk of what this store holds, or of the rows of some of its women; ages are those of that year."""
    women = traits_of(columns, year, whose=whose)
    sizes = Counter(women.values())
    few = [person for person, traits in women.items() if sizes[traits] < least]
    alone = sum(1 for traits in women.values() if sizes[traits] == 1)
    told = coarsened(women, least)
    hidden = {
        trait: pa.array(sorted(person for person, traits in told.items() if traits[place] == HIDDEN), pa.string())
        for place, trait in enumerate(TRAITS)
    }
    return Risk(len(women), len(few), alone, hidden)


def coarsened(women: Mapping[str, Traits], least: int = LEAST) -> dict[str, Traits]:
    """What may be told of each woman, by person."""
    told = dict(women)
    for place in range(len(TRAITS)):
        sizes = Counter(told.values())
        for person, traits in told.items():
            if sizes[traits] < least:
                told[person] = (*traits[:place], HIDDEN, *traits[place + 1 :])
    return told


def traits_of(columns: Columns, year: int, *, whose: ColumnElement[bool] | None = None) -> dict[str, Traits]:
    """The traits of every woman, or of these, by person."""
    workshops = _workshops(columns)
    own = participants.c
    everybody = select(own.person, own.birth_year, own.centre, own.cohort).order_by(own.person)
    found = columns.table(everybody if whose is None else everybody.where(whose))
    return {
        row["person"]: (
            "" if row["birth_year"] is None else age_band(row["birth_year"], year),
            "+".join(sorted(workshops.get(row["person"], ()))),
            row["centre"] or "",
            row["cohort"] or "",
        )
        for row in found.to_pylist()
    }


def _workshops(columns: Columns) -> Mapping[str, set[str]]:
    found = (
        select(participants.c.person, enrolments.c.workshop)
        .join_from(enrolments, participants, participants.c.id == enrolments.c.participant_id)
        .where(known(enrolments))
    )
    told: dict[str, set[str]] = defaultdict(set)
    for row in columns.table(found).to_pylist():
        told[row["person"]].add(row["workshop"])
    return told
