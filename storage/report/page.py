"""The report as one page of HTML that stands alone: no script, no request, readable on a phone and on paper.

* Whatever comes from the store is escaped by the template; only our own pictures go in as they are.
* Each picture has its numbers beside it as a table, and a description for whoever hears the page.
* The page allows itself nothing but its own style, whose hash stands in its policy.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from math import ceil
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from conversations.speech import Phrase
from locales.catalog import long_date
from storage.fates import Fate
from storage.funnel import Funnel
from storage.outcomes.definitions import VERSION
from storage.outcomes.figures import Dimension, Figure
from storage.report.charts import Scale, Value, bars, line
from storage.report.drawing import Sheet
from storage.report.findings import BEFORE, KIND, LATEST, OF_A_YEAR, Findings, Incomes
from storage.report.page_keys import FUNNEL_KEYS, HEAD_KEYS, INCOME_KEYS, INSTRUMENT_KEYS, PAGE_KEYS, SHARE_KEYS
from storage.report.svg import svg
from storage.report.words import DASH, TRAIT_KEYS, Wording

HERE = Path(__file__).parent
SPELLED = "staff.report_"
OVER_TIME = ("F4", "F6", "F7", "F3", "F8", "F9", "F10", "F11")
"""The figures that are drawn over points, where there are two to draw a line through."""

BY_CENTRE = ("F4", "F6", "F7")
COUNTS = ("F1", OF_A_YEAR)

_FIGURE, _GROUP, _POINT, _CENTRE = HEAD_KEYS
_VALIDATED, _OWN = INSTRUMENT_KEYS


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a picture: the heads of its columns, and its rows, the first cell of each its head."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its title and its numbers; a table alone has none."""

    title: str
    table: Table
    picture: Markup | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One figure in words: `lines` is what is to be said beside it, `counts` what it counts."""

    label: str
    big: str
    sentence: str
    lines: Sequence[str]
    caveat: str
    counts: str


def page(found: Findings, words: Wording, *, zone: ZoneInfo) -> str:
    """The whole page, in these words."""
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("report.html").render(_Page(found, words, zone=zone).told())


class _Page:
    """Everything that the template shows, in words."""

    def __init__(self, found: Findings, words: Wording, *, zone: ZoneInfo) -> None:
        self._found, self._words, self._zone = found, words, zone
        self._pictures = 0

    def told(self) -> Mapping[str, object]:
        """What the template needs."""
        words, found = self._words, self._found
        style = (HERE / "report.css").read_text(encoding="utf-8")
        sections = {
            "brief": self._brief(),
            "kinds": self._kinds(),
            "incomes": self._incomes(),
            "points": self._points(),
            "centres": self._centres(),
            "funnel": self._funnel(),
            "missing": self._missing(),
        }
        return {
            "say": {key.removeprefix(SPELLED): words.say(Phrase(key)) for key in PAGE_KEYS},
            "language": words.language,
            "until": words.say(Phrase("staff.report_until", {"day": long_date(found.as_of, words.language)})),
            "public": found.public,
            "lead": [words.sentence(one) for one in (*found.figures[:1], *found.years[-1:])],
            "cards": [self._card(one) for one in (*found.figures[:1], *found.years, *found.figures[1:])],
            "sections": {name: charts for name, charts in sections.items() if charts},
            "made": self._made(),
            "style": Markup(style),  # ours, and a style sheet knows no escapes
            "style_hash": b64encode(sha256(style.encode()).digest()).decode(),
        }

    def _made(self) -> Sequence[tuple[str, str]]:
        words, found = self._words, self._found
        at = found.made_at.astimezone(self._zone)
        return (
            (words.say(Phrase("staff.report_cutoff")), long_date(found.as_of, words.language)),
            (words.say(Phrase("staff.report_made_at")), f"{long_date(at.date(), words.language)}, {at:%H:%M}"),
            (words.say(Phrase("staff.report_audience")), self._audience()),
            (words.say(Phrase("staff.report_definitions")), VERSION),
            *self._instruments(),
            (words.say(Phrase("staff.report_interval")), words.say(Phrase("staff.report_interval_is"))),
            (words.say(Phrase("staff.report_version")), version("hilo")),
        )

    def _instruments(self) -> Iterator[tuple[str, str]]:
        told = [
            self._words.say(Phrase(_VALIDATED if one.validated else _OWN, {"name": one.name, "version": one.version}))
            for one in self._found.instruments
        ]
        if told:
            yield self._words.say(Phrase("staff.report_instruments")), "; ".join(told)

    def _audience(self) -> str:
        return self._words.say(Phrase("staff.report_public" if self._found.public else "staff.report_team"))

    def _head(self, key: str) -> str:
        return self._words.say(Phrase(key))

    # --- figures

    def _card(self, figure: Figure) -> Card:
        words = self._words
        big = words.number(figure.numerator) if figure.id in COUNTS and figure.numerator is not None else ""
        label = words.label(figure) + (f" ({figure.moment})" if figure.id == OF_A_YEAR else "")
        return Card(
            label=label,
            big=big or words.percent(figure.percent),
            sentence=words.sentence(figure),
            lines=list(words.asides(figure)),
            caveat=words.caveat(figure),
            counts=words.counts(figure),
        )

    def _brief(self) -> list[Chart]:
        words, shares = self._words, [one for one in self._found.figures if one.id not in COUNTS]
        return [self._shares(words.say(Phrase("staff.report_brief")), {words.label(one): one for one in shares})]

    def _shares(self, title: str, told: Mapping[str, Figure], *, head: str = _FIGURE) -> Chart:
        """Bars of so many figures, by their labels."""
        values = [self._words.bar(label, figure) for label, figure in told.items()]
        return self._drawn(title, bars(values), table=self._table(told, head))

    def _table(self, told: Mapping[str, Figure], head: str) -> Table:
        words = self._words
        heads = [words.say(Phrase(head)), *map(self._head, SHARE_KEYS)]
        return Table(heads, [(label, *self._cells(figure)) for label, figure in told.items()])

    def _cells(self, figure: Figure) -> Sequence[str]:
        words = self._words
        if figure.suppressed:
            return (words.say(Phrase("staff.report_few")), DASH, DASH, DASH)
        of = f"{words.number(figure.numerator or 0)} / {words.number(figure.denominator or 0)}"
        return (words.percent(figure.percent), of, words.interval(figure), words.response(figure))

    def _drawn(self, title: str, sheet: Sheet, *, table: Table) -> Chart:
        self._pictures += 1
        return Chart(title, table, Markup(svg(sheet, id_=f"p{self._pictures}", title=title)))

    # --- sections

    def _kinds(self) -> list[Chart]:
        words, told = self._words, self._found.kinds.by[KIND]
        if not self._found.kinds.numerator:
            return []
        named = {words.group(kind): one for kind, one in told.items()}
        return [self._shares(words.say(Phrase("staff.report_kinds")), named, head=_GROUP)]

    def _incomes(self) -> list[Chart]:
        words = self._words
        known = [one for one in self._found.incomes if one.women]
        if not known:
            return []
        values = [_income(one, self._name(one.moment), words=words) for one in known]
        heads = list(map(self._head, INCOME_KEYS))
        rows = [
            (self._name(one.moment), words.number(one.women), words.pesos(one.median), self._middle(one))
            for one in known
        ]
        title = words.say(Phrase("staff.report_incomes"))
        return [self._drawn(title, line(values, _pesos(known, words)), table=Table(heads, rows))]

    def _name(self, moment: str) -> str:
        return self._words.group(moment, "" if moment in (*BEFORE, LATEST) else Dimension.POINT)

    def _by_point(self, told: Mapping[str, Figure]) -> dict[str, Figure]:
        return {self._words.group(point, Dimension.POINT): one for point, one in told.items()}

    def _middle(self, one: Incomes) -> str:
        return f"{self._words.pesos(one.quarter)} – {self._words.pesos(one.three_quarters)}"

    def _points(self) -> list[Chart]:
        found = {one.id: one for one in self._found.figures}
        charts = []
        for id_ in OVER_TIME:
            asked = {point: one for point, one in found[id_].by.get(Dimension.POINT, {}).items() if _is_asked(one)}
            if sum(one.percent is not None for one in asked.values()) > 1:
                told = self._by_point(asked)
                values = [self._words.step(point, one) for point, one in told.items()]
                charts.append(self._drawn(self._words.label(found[id_]), line(values), table=self._table(told, _POINT)))
        return charts

    def _centres(self) -> list[Chart]:
        words, charts = self._words, []
        for figure in self._found.figures:
            told = figure.by.get(Dimension.CENTRE, {})
            if figure.id in BY_CENTRE and len(told) > 1:
                named = {words.group(code, Dimension.CENTRE): one for code, one in told.items()}
                charts.append(self._shares(words.label(figure), named, head=_CENTRE))
        return charts

    def _funnel(self) -> list[Chart]:
        words, told = self._words, self._by_point(self._found.answered)
        if not told:
            return []
        title = words.say(Phrase("staff.report_answered"))
        charts = [self._shares(title, told, head=_POINT)]
        if self._found.funnels:
            heads = [self._head(_POINT), *map(self._head, FUNNEL_KEYS.values())]
            rows = [(self._name(point), *map(words.number, _counts(one))) for point, one in self._found.funnels.items()]
            charts.append(Chart(words.say(Phrase("staff.report_funnel_all")), Table(heads, rows)))
        return charts

    def _missing(self) -> list[Chart]:
        words, kept = self._words, self._found.kept
        if not kept.by:
            return []
        return [
            self._shares(
                words.say(Phrase(TRAIT_KEYS[trait])),
                {words.group(code, trait): one for code, one in told.items()},
                head=_GROUP,
            )
            for trait, told in kept.by.items()
        ]


def _counts(one: Funnel) -> Iterator[int]:
    """The cells of a row of FUNNEL_KEYS."""
    for what in FUNNEL_KEYS:
        yield one.fates[what] if isinstance(what, Fate) else getattr(one, what)


def _is_asked(figure: Figure) -> bool:
    """Whether anybody could be known at this point, or that is not told."""
    return figure.suppressed or bool(figure.denominator)


def _income(one: Incomes, label: str, *, words: Wording) -> Value:
    ends = (one.median, one.quarter, one.three_quarters)
    return Value(label, words.pesos_drawn(one.median), *ends, below=words.number(one.women))


def _pesos(known: Iterable[Incomes], words: Wording) -> Scale:
    """An axis that ends above the highest quarter, in four steps of five hundred pesos or a multiple."""
    highest = max(one.three_quarters or 0 for one in known)
    step = max(ceil(highest / 4 / 50_000) * 50_000, 50_000)
    return Scale(4.0 * step, tuple((float(number * step), words.pesos_drawn(number * step)) for number in range(5)))
