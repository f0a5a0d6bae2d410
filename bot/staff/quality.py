"""What in the store cannot be right, is missing, or waits: how much of each kind, and then the women, page by page.

* A promotora sees what is about her own women, whoever leads sees all, and of each it is said who can mend it.
* What there is to mend is looked for anew at every tap, beside everything else: the next tap shows what was mended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from bot.staff.room import Act, Rows, Turn, View, button, member_of, turning, whole
from bot.staff.wording import in_words
from conversations.codec import Tagged
from conversations.speech import Phrase
from locales.catalog import SPANISH, long_date
from scheduler.dialogue import Facts
from storage.imports.catalogue import Catalogue
from storage.members import Member
from storage.outcomes.kinds import KIND_KEYS, Kind
from storage.outcomes.quality import Counted, Finding, QualityCounts, QualityPage, QualityShown
from storage.records import Need

HINT_KEYS = {
    Kind.WORKS_AND_NOT: "staff.quality_hint_works_and_does_not",
    Kind.PAID_WITHOUT_WORK: "staff.quality_hint_paid_without_work",
    Kind.ENDED_BEFORE_BEGUN: "staff.quality_hint_ended_before_it_began",
    Kind.POST_BEFORE_PRE: "staff.quality_hint_post_before_pre",
    Kind.INSIDE_AFTER_RELEASE: "staff.quality_hint_inside_after_release",
    Kind.ENROLLED_AFTER_DEATH: "staff.quality_hint_enrolled_after_death",
    Kind.BASELINES_DIFFER: "staff.quality_hint_baselines_differ",
    Kind.UNUSUAL_INCOME: "staff.quality_hint_unusual_income",
    Kind.NO_MONTHLY: "staff.quality_hint_no_monthly_income",
    Kind.NO_INCOME_BEFORE: "staff.quality_hint_no_income_before",
    Kind.NO_SCORE_BEFORE: "staff.quality_hint_no_score_before",
    Kind.VOICE_WAITS: "staff.quality_hint_voice_waits",
    Kind.DUPLICATE: "staff.quality_hint_probable_duplicate",
    Kind.UNKNOWN_NAME: "staff.quality_hint_unknown_name",
    Kind.NO_CONSENT_BASIS: "staff.quality_hint_no_consent_basis",
}
"""What to do about it."""

MENDER_KEYS = (
    *("staff.quality_by_you", "staff.quality_by_promotora", "staff.quality_by_coordinator"),
    "staff.quality_by_importer",
)
_YOU, _PROMOTORA, _COORDINATOR, _IMPORTER = MENDER_KEYS
_BACK = ((button("quality.list", "staff.quality_back_button"),),)
_TO_TRANSCRIBE = ((button("voices.menu", "staff.quality_voices_button"),),)


class QualityRoom:
    """Where staff find what is to be mended; centres and workshops go by the names of `catalogue`."""

    name = "quality"
    states: Tagged[Any] = Tagged()

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def until(self, held: Any) -> datetime | None:
        """Nothing waits here."""
        return None

    def needs(self, held: Any, act: Act, *, member: Member) -> Sequence[Need[Any]]:
        """The numbers, or a page of one kind."""
        return () if (need := self._wanted(act, member)) is None else (need,)

    def _wanted(self, act: Act, member: Member) -> QualityCounts | QualityPage | None:
        if act.verb == "list":
            return QualityCounts(member, self._catalogue)
        kind, _, page = act.about.partition(".")
        return QualityPage(member, Kind(kind), whole(page), self._catalogue) if kind in set(Kind) else None

    def step(self, held: Any, act: Act, facts: Facts) -> Turn | None:
        """Show them."""
        me = member_of(facts)
        match self._wanted(act, me):
            case QualityCounts() as counts if (found := facts.get(counts)) is not None:
                return Turn(None, _counts(found), stays=False)
            case QualityPage() as page if (shown := facts.get(page)) is not None:
                return Turn(None, _page(page.kind, shown, me=me), stays=False)
            case _:
                return None


def _counts(found: Sequence[Counted]) -> View:
    if not found:
        return View(Phrase("staff.quality_nothing"))
    rows = tuple(
        (button(f"quality.kind.{one.kind}.0", "staff.quality_row", what=_what(one.kind), count=one.findings),)
        for one in found
    )
    return View(Phrase("staff.quality", {"count": sum(one.findings for one in found)}), rows)


def _what(kind: Kind) -> str:
    return in_words(Phrase(KIND_KEYS[kind]))


def _page(kind: Kind, shown: QualityShown, *, me: Member) -> View:
    if not shown.findings:
        return View(Phrase("staff.quality_mended", {"what": _what(kind)}), _BACK)
    lines = tuple(_line(one, shown, me=me) for one in shown.findings)
    how = in_words(Phrase(HINT_KEYS[kind]))
    head: dict[str, str | int] = {"what": _what(kind), "count": shown.total, "how": how}
    queue = _TO_TRANSCRIBE if kind is Kind.VOICE_WAITS else ()
    turns = turning(f"quality.kind.{kind}", shown.number, of=shown.of)
    return View(Phrase("staff.quality_kind", head, lines), (*_cards(shown), *queue, *turns, *_BACK))


def _cards(shown: QualityShown) -> Rows:
    """A button to the card of each woman of this page, once."""
    women = dict.fromkeys(her for one in shown.findings for her in (one.woman, one.other) if her in shown.women)
    listed = [shown.women[her] for her in women if her is not None]
    return tuple(
        (button(f"roster.card.{one.participant:x}", "staff.roster_row", name=one.name, record_id=one.record_id),)
        for one in listed
    )


def _line(one: Finding, shown: QualityShown, *, me: Member) -> Phrase:
    return Phrase("staff.quality_line", {"about": " · ".join(_about(one, shown)), "mender": _mender(one, shown, me=me)})


def _about(one: Finding, shown: QualityShown) -> Iterator[str]:
    if one.woman is None:
        yield in_words(Phrase("staff.quality_name", {"name": one.what}))
        if one.near is not None:
            yield in_words(Phrase("staff.quality_near", {"name": one.near}))
        yield in_words(Phrase("staff.quality_women", {"count": one.women}))
        return
    yield _name(one.woman, shown)
    if one.other is not None:
        yield _name(one.other, shown)
    if one.what:
        yield one.what.replace("_", " ")
    if one.day is not None:
        yield long_date(one.day, SPANISH)


def _name(woman: int, shown: QualityShown) -> str:
    """How she is called; of whoever is in another's caseload nothing but that."""
    her = shown.women.get(woman)
    return in_words(Phrase("staff.quality_another")) if her is None else her.name or her.record_id


def _mender(one: Finding, shown: QualityShown, *, me: Member) -> str:
    if one.import_id is not None:
        file = shown.files.get(one.import_id, "")
        return in_words(Phrase(_IMPORTER, {"file": file, "line": one.line or 0}))
    if one.promotora is None:
        return in_words(Phrase(_COORDINATOR))
    if one.promotora == me.staff:
        return in_words(Phrase(_YOU))
    return in_words(Phrase(_PROMOTORA, {"name": shown.staff.get(one.promotora, "")}))
