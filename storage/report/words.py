"""Figures in plain words, in Spanish or English: for the page, and for whoever asks in a chat.

* A share is never told without of how many women it is, between which values it lies, and of how many nothing is known.
* A code without words of its own is shown as it is stored: nothing is left out.
* Where not all are known of whom a figure is, that stands with it wherever it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from conversations.speech import Phrase
from locales.catalog import SPANISH, Catalog, load_catalog, money, number
from storage.imports.centres import CENTRES
from storage.outcomes import scoring
from storage.outcomes.definitions import CAVEAT_KEYS, LABEL_KEYS, STRICT_KEYS, SUBSCALES
from storage.outcomes.figures import UNKNOWN_GROUP, Dimension, Figure, Share
from storage.outcomes.groups import AGES
from storage.outcomes.intervals import half_up
from storage.outcomes.pack import TOTAL
from storage.report.charts import Value
from storage.report.missing import NONE, SOME
from storage.report.points import phrase_of

SAYS_KEYS = {
    "F1": "staff.says_f1",
    "F2": "staff.says_f2",
    "F3": "staff.says_f3",
    "F4": "staff.says_f4",
    "F5a": "staff.says_f5a",
    "F5b": "staff.says_f5b",
    "F5c": "staff.says_f5c",
    "F6": "staff.says_f6",
    "F7": "staff.says_f7",
    "F7b": "staff.says_f7b",
    "F8": "staff.says_f8",
    "F9": "staff.says_f9",
    "F10": "staff.says_f10",
    "F11": "staff.says_f11",
}
SINGLE_KEYS = {"F1": "staff.says_single_f1", "F2": "staff.says_single_f2"}
"""Counts of one woman."""
COUNTS_KEYS = {
    "F1": "staff.counts_f1",
    "F2": "staff.counts_f2",
    "F3": "staff.counts_f3",
    "F4": "staff.counts_f4",
    "F5a": "staff.counts_f5",
    "F5b": "staff.counts_f5",
    "F5c": "staff.counts_f5",
    "F6": "staff.counts_f6",
    "F7": "staff.counts_f7",
    "F7b": "staff.counts_f7b",
    "F8": "staff.counts_change",
    "F9": "staff.counts_change",
    "F10": "staff.counts_change",
    "F11": "staff.counts_change",
}
NOTE_KEYS = {
    "from_zero": "staff.note_from_zero",
    "floor": "staff.note_floor",
    "ceiling": "staff.note_floor",
    "refused": "staff.note_refused",
    "several": "staff.note_several",
}
TRAIT_KEYS = {
    "age": "staff.trait_age",
    "schooling": "staff.trait_schooling",
    "dependants": "staff.trait_dependants",
    "centre": "staff.trait_centre",
    "cohort": "staff.trait_cohort",
}
GROUP_KEYS = {
    UNKNOWN_GROUP: "staff.group_unknown",
    SOME: "staff.dependants_some",
    NONE: "staff.dependants_none",
    AGES[0][1]: "staff.age_hasta_24",
    AGES[1][1]: "staff.age_25_34",
    AGES[2][1]: "staff.age_35_44",
    AGES[3][1]: "staff.age_45_54",
    AGES[4][1]: "staff.age_55_mas",
    "ninguna": "staff.schooling_ninguna",
    "primaria_incompleta": "staff.schooling_primaria_incompleta",
    "primaria": "staff.schooling_primaria",
    "secundaria_incompleta": "staff.schooling_secundaria_incompleta",
    "secundaria": "staff.schooling_secundaria",
    "preparatoria": "staff.schooling_preparatoria",
    "universidad": "staff.schooling_universidad",
    "autoempleo": "staff.work_autoempleo",
    "produccion_la_cana": "staff.work_produccion_la_cana",
    "taller_o_actividad_dentro": "staff.work_taller_o_actividad_dentro",
    "empleo_externo_formal": "staff.work_empleo_externo_formal",
    "empleo_externo_informal": "staff.work_empleo_externo_informal",
    "empleo_externo": "staff.work_empleo_externo",
    "empresa_aliada": "staff.work_empresa_aliada",
    "otro": "staff.work_otro",
    "sin_especificar": "staff.work_sin_especificar",
    "pre_detencion": "staff.income_pre_detencion",
    "pre_taller": "staff.income_pre_taller",
    "actual": "staff.income_actual",
}
DASH = "—"


@dataclass(frozen=True, slots=True)
class Wording:
    """Figures in the words of one language; `centres` are the names of each, by code, the one to show first."""

    language: str = SPANISH
    centres: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: CENTRES)
    catalog: Catalog = field(default_factory=load_catalog)

    def say(self, phrase: Phrase) -> str:
        """A text of the catalogue; a percent sign stays with its number."""
        return self.catalog.text(phrase.key, self.language, **phrase.values).replace(" %", "\N{NO-BREAK SPACE}%")

    def number(self, count: int) -> str:
        """A count with its separators."""
        return number(count, self.language)

    def percent(self, share: float | int | None) -> str:
        """A share in percent, halves up; a dash for none."""
        return DASH if share is None else self.say(Phrase("staff.report_percent", {"number": whole(share)}))

    def pesos(self, cents: int | None) -> str:
        """Whole pesos; a dash for none."""
        return DASH if cents is None else money(half_up(Decimal(cents) / 100), self.language)

    def pesos_drawn(self, cents: int | None) -> str:
        """The same where there is little room, and it is said beside it of what country they are."""
        return DASH if cents is None else f"${self.number(int(half_up(Decimal(cents) / 100)))}"

    def label(self, figure: Figure) -> str:
        """What the figure is called."""
        return self.say(Phrase(LABEL_KEYS[figure.id]))

    def caveat(self, figure: Figure) -> str:
        """What is to be said beside it."""
        return self.say(Phrase(CAVEAT_KEYS[figure.id]))

    def counts(self, figure: Figure) -> str:
        """What it counts, and among whom."""
        return self.say(Phrase(COUNTS_KEYS[figure.id]))

    def group(self, code: str, dimension: str = "") -> str:
        """A group in words."""
        if dimension == Dimension.CENTRE and code in self.centres:
            return self.centres[code][0]
        if dimension == Dimension.POINT and (point := phrase_of(code)) is not None:
            return self.say(point)
        if dimension not in (Dimension.CENTRE, Dimension.COHORT, Dimension.POINT) or code == UNKNOWN_GROUP:
            key = GROUP_KEYS.get(code)
            return code.replace("_", " ") if key is None else self.say(Phrase(key))
        return code

    def part(self, figure: Figure) -> str:
        """The share with its base, briefly; or why there is none."""
        if figure.suppressed:
            return self.say(Phrase("staff.report_few"))
        if figure.percent is None:
            return self.say(Phrase("staff.report_none"))
        numbers = {"count": self.number(figure.numerator or 0), "base": self.number(figure.denominator or 0)}
        return self.say(Phrase("staff.report_part", {"percent": figure.percent, **numbers}))

    def bar(self, label: str, figure: Figure) -> Value:
        """The figure as a bar."""
        return Value(label, self.part(figure), figure.value, figure.low, figure.high, "\n".join(self.beside(figure)))

    def step(self, label: str, figure: Figure) -> Value:
        """The figure as a step of a line, where there is room for the percent alone."""
        below = self.number(figure.denominator) if figure.denominator else ""
        return Value(label, self.percent(figure.percent), figure.value, figure.low, figure.high, below)

    def beside(self, figure: Figure) -> Iterator[str]:
        """What must stand with the share wherever it is shown: where the work is, if that is told, and of how many it
        is known, if not of all."""
        yield from self._scopes(figure)
        if figure.denominator is not None and figure.eligible is not None and figure.denominator != figure.eligible:
            of: dict[str, str | int] = {"known": self.number(figure.denominator), "all": self.number(figure.eligible)}
            yield self.say(Phrase("staff.report_known_of", of))

    def _scopes(self, figure: Figure) -> Iterator[str]:
        told = figure.by.get(Dimension.SCOPE)
        if told is not None and figure.denominator:
            shares: dict[str, str | int] = {scope: self.percent(one.percent) for scope, one in told.items()}
            yield self.say(Phrase("staff.report_scopes", shares))

    def response(self, figure: Figure) -> str:
        """The same as a share; a dash where it is not told."""
        if figure.denominator is None or figure.eligible is None:
            return DASH
        percent = self.percent(Share(figure.denominator, figure.eligible).percent)
        return self.say(Phrase("staff.report_known", {"percent": percent, "number": self.number(figure.eligible)}))

    def interval(self, figure: Figure) -> str:
        """Between which values it lies."""
        if figure.low is None or figure.high is None:
            return DASH
        return self.say(Phrase("staff.report_between", {"low": whole(figure.low), "high": whole(figure.high)}))

    def sentence(self, figure: Figure) -> str:
        """The figure as somebody would say it."""
        if figure.suppressed:
            return self.say(Phrase("staff.says_few"))
        if figure.numerator is None or figure.denominator == 0:
            return self.say(Phrase("staff.says_nobody"))
        head = self._head(figure, figure.numerator)
        if figure.low is None or figure.high is None:
            return self.say(Phrase("staff.says_count", {"head": head}))
        shown: dict[str, str | int] = {
            "head": head,
            "percent": figure.percent or 0,
            "low": whole(figure.low),
            "high": whole(figure.high),
        }
        return " ".join((self.say(Phrase("staff.says_share", shown)), *self._rest(figure)))

    def _head(self, figure: Figure, count: int) -> str:
        """How many of how many; where either is one woman, in words that do not speak of several."""
        numbers: dict[str, str | int] = {
            "count": self.number(count),
            "base": self.number(figure.denominator or 0),
            "year": figure.moment,
        }
        if 1 not in (count, figure.denominator):
            return self.say(Phrase(SAYS_KEYS[figure.id], numbers))
        if figure.denominator is None:
            return self.say(Phrase(SINGLE_KEYS[figure.id], numbers))
        return self.say(Phrase("staff.says_single", {**numbers, "label": self.label(figure)}))

    def _rest(self, figure: Figure) -> Iterator[str]:
        unknown = (figure.eligible or 0) - (figure.denominator or 0)
        if unknown > 0:
            yield self.say(Phrase("staff.says_unknown", {"number": self.number(unknown)}))

    def asides(self, figure: Figure) -> Iterator[str]:
        """Where the work is, the stricter reading, the bounds, and what else belongs in a caveat."""
        for scopes in self._scopes(figure):
            yield self.say(Phrase("staff.report_scopes_aside", {"scopes": scopes}))
        if figure.strict is not None and figure.strict.percent is not None:
            told: dict[str, str | int] = {
                "count": self.number(figure.strict.numerator),
                "percent": figure.strict.percent,
            }
            yield self.say(Phrase(STRICT_KEYS[figure.id], told))
        if figure.unclear:
            yield self.say(Phrase("staff.strict_alike" if _differs_too_little(figure) else "staff.strict_unknown"))
        if figure.lowest is not None and figure.highest is not None and figure.eligible != figure.denominator:
            yield self.say(Phrase("staff.report_bounds", {"low": whole(figure.lowest), "high": whole(figure.highest)}))
        for name, count in figure.notes.items():
            if count and name in NOTE_KEYS:
                yield self.say(Phrase(NOTE_KEYS[name], {"number": self.number(count)}))


def _differs_too_little(figure: Figure) -> bool:
    """Whether a clear change could be told on all its instruments, had first scores not been so alike."""
    packs = [scoring.pack(name) for name in figure.unclear]
    scale = SUBSCALES.get(figure.id, TOTAL)
    scales = [(pack, scale if scale in pack.scales else TOTAL) for pack in packs if pack is not None]
    known = [pack.least_change(subscale, deviation=1.0) is not None for pack, subscale in scales]
    return len(known) == len(packs) and all(known)


def whole(share: float) -> int:
    """A share in whole percent, halves up."""
    return int(half_up(Decimal(str(share))))
