"""The figures in a chat: a picture, a plain sentence, and buttons to narrow it, break it down or choose another.

* A button carries the whole question, so that an old one still works, and one that asks for what is not there says so.
* What stands in the picture stands in words too, and so does all that it is narrowed to.
* The picture that was there goes when another comes, and after a day in any case (bot/staff/standing.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.staff import permissions, standing
from bot.staff.room import Act, Rows, Turn, View, button, in_rows
from bot.staff.standing import Standing
from bot.staff.wording import in_words
from conversations.codec import Tagged
from conversations.speech import Button, Phrase, PictureShown
from locales.catalog import SPANISH, long_date
from scheduler.dialogue import Facts
from storage.imports.catalogue import Catalogue
from storage.members import Member
from storage.outcomes.figures import BOTH_SCOPES
from storage.records import Need
from storage.report.results import (
    ALL,
    NOTHING,
    SCOPES,
    Choice,
    Facet,
    Question,
    Results,
    Shown,
    narrowed_to,
    question,
)

A_ROW = 2
MOST_CHOICES = 40
"""Buttons of a list; more do not fit a message that anybody would read."""

SCOPE_KEYS = {
    "a": "staff.results_scope_ambos",
    "d": "staff.results_scope_dentro",
    "l": "staff.results_scope_en_libertad",
}
FACET_KEYS = {
    Facet.WHOLE: "staff.results_whole",
    Facet.POINTS: "staff.results_by_point",
    Facet.CENTRES: "staff.results_by_centre",
    Facet.COHORTS: "staff.results_by_cohort",
}
CHOOSE_KEYS = {
    Facet.CHOOSE_CENTRE: "staff.results_choose_centre",
    Facet.CHOOSE_COHORT: "staff.results_choose_cohort",
    Facet.CHOOSE_POINT: "staff.results_choose_point",
}
_POINTS_NOTE = Phrase("staff.results_points_note")
_NARROWING = {Facet.CHOOSE_CENTRE: "centre", Facet.CHOOSE_COHORT: "cohort", Facet.CHOOSE_POINT: "point"}


class ResultsRoom:
    """Where the figures are looked at; centres go by the names of `catalogue`."""

    name = "results"
    states: Tagged[Any] = Tagged(Standing)

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def until(self, held: Any) -> datetime | None:
        """A picture goes after a day."""
        return standing.until(held)

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The answer to what is asked."""
        asked = question(act.about) if act.verb == "show" else None
        return () if asked is None else (Results(asked, self._catalogue),)

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Show it in the place of what stood there."""
        gone = standing.gone(held, facts)
        if act.verb == permissions.LATE:
            return Turn(None, None, gone, stays=False)
        if act.verb != "show":
            return None
        asked = question(act.about)
        shown = None if asked is None else facts.get(Results(asked))
        if asked is None or shown is None:
            return Turn(held, View(Phrase("staff.results_gone"), (_TO_ALL,)), gone, anew=True)
        picture = () if shown.picture is None else (PictureShown(shown.picture, facts.session),)
        view = View(_said(asked, shown), _rows(asked, shown))
        return Turn(Standing(facts.sprint, act.at), view, (*gone, *picture), anew=True)


def _said(asked: Question, shown: Shown) -> Phrase:
    if asked.view in CHOOSE_KEYS:
        return Phrase(CHOOSE_KEYS[asked.view])
    day = long_date(shown.day, SPANISH)
    narrowed = "".join(f" · {name}" for name in _narrowed(asked, shown))
    lines = tuple(Phrase("staff.results_line", {"told": line}) for line in shown.lines)
    values: dict[str, str | int] = {"day": day, "narrowed": narrowed, "sentence": shown.sentence}
    if asked.figure == ALL:
        return Phrase("staff.results_all", values, lines)
    note = (_POINTS_NOTE,) if lines and asked.view is Facet.POINTS else ()
    return Phrase("staff.results", {**values, "figure": shown.label, "caveat": shown.caveat}, (*note, *lines))


def _narrowed(asked: Question, shown: Shown) -> Iterator[str]:
    if shown.scoped and SCOPES[asked.scope] != BOTH_SCOPES:
        yield in_words(Phrase(SCOPE_KEYS[asked.scope]))
    yield from shown.narrowed


# --- what can be tapped

_TO_ALL = (button("results.show", "staff.results_back"),)


def _show(asked: Question) -> str:
    return f"results.show.{asked}"


def _rows(asked: Question, shown: Shown) -> Rows:
    if asked.view in CHOOSE_KEYS:
        return _choices(asked, shown)
    scopes = tuple(
        button(_show(replace(asked, scope=scope)), key)
        for scope, key in SCOPE_KEYS.items()
        if shown.scoped and scope != asked.scope
    )
    others = (scopes, *in_rows(list(_lists(asked, shown)), A_ROW))
    if asked.figure != ALL:
        return tuple(filter(None, (*in_rows(list(_facets(asked, shown)), A_ROW), *others, _to_all(asked))))
    figures = [
        button(_show(replace(asked, figure=id_)), "staff.results_name", name=name)
        for id_, name in shown.figures.items()
    ]
    return tuple(filter(None, (*in_rows(figures, A_ROW), *others)))


def _to_all(asked: Question) -> tuple[Button, ...]:
    everything = replace(asked, figure=ALL, view=Facet.WHOLE, point=NOTHING)
    return (button(_show(everything), "staff.results_back"),)


def _facets(asked: Question, shown: Shown) -> Iterator[Button]:
    offered = {Facet.POINTS: shown.pointed and len(shown.points) > 1, Facet.COHORTS: asked.cohort == NOTHING}
    offered[Facet.CENTRES] = asked.centre == NOTHING
    for facet, key in FACET_KEYS.items():
        if facet is not asked.view and offered.get(facet, True):
            point = NOTHING if facet is Facet.POINTS else asked.point
            yield button(_show(replace(asked, view=facet, point=point)), key)


def _lists(asked: Question, shown: Shown) -> Iterator[Button]:
    """Where it can be narrowed, and where it can be widened again."""
    lists: dict[Facet, Sequence[Choice]] = {Facet.CHOOSE_CENTRE: shown.centres, Facet.CHOOSE_COHORT: shown.cohorts}
    if shown.pointed and asked.figure != ALL:
        lists[Facet.CHOOSE_POINT] = shown.points
    for facet, found in lists.items():
        if found:
            yield button(_show(replace(asked, view=facet)), CHOOSE_KEYS[facet])


def _choices(asked: Question, shown: Shown) -> Rows:
    of = {Facet.CHOOSE_CENTRE: shown.centres, Facet.CHOOSE_COHORT: shown.cohorts, Facet.CHOOSE_POINT: shown.points}
    what = _NARROWING[asked.view]
    buttons = [
        button(_show(narrowed_to(asked, **{what: one.key})), "staff.results_name", name=one.name)
        for one in of[asked.view][:MOST_CHOICES]
    ]
    every = button(_show(narrowed_to(asked, **{what: NOTHING})), "staff.results_unfiltered")
    return (*in_rows(buttons, A_ROW), (every,))
