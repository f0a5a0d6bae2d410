"""The interview under random events on random instruments, which come through the loader as a coordinator's would."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from conversations import events
from conversations.effects import QuestionAsked, SessionStatus
from conversations.instrument import Instrument, QuestionType
from conversations.xlsform import parse_instrument
from tests.support.draws import AHEAD, AT, ENDS, PURPOSES, SCRIPTS, Draw
from tests.support.runs import Run

MOST_QUESTIONS = 9
LISTS = {"dos": 2, "cuatro": 4, "diez": 10}
LABELS = ("Mesa", "Lago", "Viento", "Puente", "Cielo", "Barco", "Fuego", "Ninguna", "Tren", "Espejo")
SURVEY = [
    *("type", "name", "label", "required", "relevant", "constraint", "calculation", "choice_filter", "default"),
    *("hilo::purpose", "hilo::money", "hilo::outcome"),
]

Row = dict[str, str]


@dataclass
class Form:
    """A survey sheet as it grows; an expression looks at earlier questions only."""

    rows: list[Row] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    filtered: set[str] = field(default_factory=set)

    def text(self) -> str:
        """The whole workbook as Markdown tables."""
        survey = [[row.get(column, "") for column in SURVEY] for row in self.rows]
        return "\n".join([_table("settings", ["version"], [["1"]]), _table("survey", SURVEY, survey), self._choices()])

    def _choices(self) -> str:
        columns = ["list_name", "name", "label", "hilo::exclusive", "hilo::case", *sorted(self.filtered)]
        rows = []
        for name, size in LISTS.items():
            for at in range(size):
                case = "ayuda" if at == 1 else ""
                plain = [name, f"c{at}", LABELS[at], "yes" if LABELS[at] == "Ninguna" else "", case]
                rows.append(
                    plain + [f"c{at % 3}" if column == f"de_{name}" else "" for column in sorted(self.filtered)]
                )
        return _table("choices", columns, rows)


def _table(sheet: str, header: list[str], rows: list[list[str]]) -> str:
    return "\n".join([f"| {sheet} |", *(f"| | {' | '.join(cells)} |" for cells in [header, *rows])])


@st.composite
def forms(draw: st.DrawFn) -> Form:
    """Any form of a few questions: types, groups, conditions, constraints, filters, defaults, consents."""
    form, groups = Form(), 0
    for at in range(draw(st.integers(1, MOST_QUESTIONS))):
        if groups < 2 and draw(st.integers(0, 5)) == 0:
            form.rows.append({"type": "begin group", "name": f"g{at}", "relevant": draw(_condition(form))})
            groups += 1
        name = f"q{at}"
        row = draw(_question(form, name))
        form.rows.append(row)
        form.types[name] = row["type"] + (" money" if row.get("hilo::money") else "")
        if groups and draw(st.integers(0, 3)) == 0:
            form.rows.append({"type": "end group"})
            groups -= 1
    form.rows += [{"type": "end group"}] * groups
    return form


@st.composite
def _question(draw: st.DrawFn, form: Form, name: str) -> Row:
    kinds = [*(f"{kind} {of}" for kind in ("select_one", "select_multiple") for of in LISTS), *_PLAIN]
    kind = draw(st.sampled_from(kinds))
    row = {"type": kind, "name": name, "label": f"¿{name}?"}
    if draw(st.booleans()):
        row["relevant"] = draw(_condition(form))
    row["hilo::purpose"] = draw(st.sampled_from(["", "", "ingresos", "fotos"]))
    row["hilo::outcome"] = draw(st.sampled_from(["", "", f"o_{name}"]))
    if kind == "calculate":
        return {**row, "label": "", "calculation": draw(_calculation(form))}
    if kind == "note":
        return row
    row["required"] = draw(st.sampled_from(["", "", "yes"]))
    row["constraint"] = draw(st.sampled_from(["", *_CONSTRAINTS.get(kind.split()[0], ())]))
    if kind == "text":
        row["hilo::money"] = draw(st.sampled_from(["", "yes"]))
        row["constraint"] = ". < 50000" if row["hilo::money"] and row["constraint"] else row["constraint"]
    if " " in kind:
        _, listed = kind.split()
        earlier = [other for other, type_ in form.types.items() if type_.startswith("select_one")]
        if earlier and draw(st.integers(0, 2)) == 0:
            form.filtered.add(f"de_{listed}")
            row["choice_filter"] = f"de_{listed} = ${{{draw(st.sampled_from(earlier))}}} or name = 'c0'"
    if kind.split()[0] in _DEFAULTS and not row["constraint"]:
        row["default"] = draw(st.sampled_from(["", _DEFAULTS[kind.split()[0]]]))
    return row


_PLAIN = ("integer", "decimal", "text", "text", "date", "note", "acknowledge", "audio", "calculate")
_CONSTRAINTS = {
    "select_multiple": ("count-selected(.) < 3", "not(selected(., 'c0') and selected(., 'c1'))"),
    "integer": (". >= 0 and . <= 5", ". > 2", ". >= 1 and . <= 84"),
    "decimal": (". > 0.5",),
    "text": ("string-length(.) < 20", "regex(., '[A-Za-z ]+')"),
    "date": (". <= today()",),
}
_DEFAULTS = {"select_one": "c0", "select_multiple": "c0 c1", "integer": "3", "decimal": "2.5", "date": "2025-11-30"}


def _conditions(name: str, kind: str) -> tuple[str, ...]:
    asked = f"${{{name}}}"
    match kind.split()[0]:
        case "select_one":
            return f"{asked} = 'c0'", f"{asked} != 'c1'", f"{asked} = ''"
        case "select_multiple":
            return f"selected({asked}, 'c1')", f"count-selected({asked}) > 1", f"not(selected({asked}, 'c0'))"
        case "integer" | "decimal":
            return f"{asked} > 4", f"{asked} <= 4", f"{asked} != ''"
        case "date":
            return f"{asked} < today()", f"today() - {asked} > 30"
        case "calculate":
            return f"{asked} = ''", f"contains({asked}, 'c')"
        case _:
            return f"{asked} != ''", f"string-length({asked}) > 3"


@st.composite
def _condition(draw: st.DrawFn, form: Form) -> str:
    simple = [condition for name, kind in form.types.items() for condition in _conditions(name, kind)]
    if not simple:
        return draw(st.sampled_from(["", "1 = 1", "today() > '2020-01-01'"]))
    one, other = draw(st.sampled_from(simple)), draw(st.sampled_from(simple))
    return draw(st.sampled_from([one, one, f"not({one})", f"{one} and {other}", f"{one} or {other}"]))


@st.composite
def _calculation(draw: st.DrawFn, form: Form) -> str:
    if not form.types:
        return draw(st.sampled_from(["today()", "1 + 2"]))
    one, other = (f"${{{draw(st.sampled_from(sorted(form.types)))}}}" for _ in range(2))
    condition = draw(_condition(form))
    return draw(
        st.sampled_from([one, f"coalesce({one}, {other})", f"if({condition}, {one}, '')", f"concat({one}, 'x')"])
    )


def _load(form: Form) -> Instrument:
    return parse_instrument("azar", form.text())


INSTRUMENTS = forms().map(_load)
TRIES = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@TRIES
@given(INSTRUMENTS, st.sampled_from(PURPOSES), AHEAD, SCRIPTS, ENDS)
def test_any_events_on_any_instrument(
    instrument: Instrument, purposes: tuple[str, ...], ahead: list[Draw], script: list[Draw], end: list[Draw]
) -> None:
    run = Run.begin(instrument, *purposes)
    run.take_all([*ahead, *script, *end])
    run.end_by_refusing()


@TRIES
@given(INSTRUMENTS, st.sampled_from(PURPOSES), st.lists(st.integers(0, 11), min_size=12, max_size=12))
def test_the_questions_to_come_never_become_more_on_the_way(
    instrument: Instrument, purposes: tuple[str, ...], picks: list[int]
) -> None:
    run = Run.begin(instrument, *purposes)
    for pick in [pick for pick in picks for _ in range(4)]:
        if run.session.current is None:
            break
        before = run.session.asked_in
        run.take(Draw("fit", pick=pick).event(instrument, run.session, at=AT))
        if run.session.asked_in == before:
            run.take(events.RefusalAsked(AT))
    totals = [effect.of for effect in run.history if isinstance(effect, QuestionAsked)]
    assert totals == sorted(totals, reverse=True)
    if run.session.status is SessionStatus.COMPLETED and totals:
        asked = sum(instrument.by_name[name].waits for name in run.session.answers)
        assert totals[-1] >= asked


@pytest.mark.parametrize("type_", QuestionType)
def test_every_type_is_drawn(type_: QuestionType) -> None:
    """Hypothesis looks for a form with a question of the type, and raises NoSuchExample where none is drawn."""
    form = find(
        INSTRUMENTS,
        lambda drawn: any(question.type is type_ for question in drawn.questions),
        settings=settings(max_examples=1_000, phases=[Phase.generate], derandomize=True, database=None),
    )
    assert type_ in {question.type for question in form.questions}
