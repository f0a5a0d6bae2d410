"""Which answers of an instrument tell of a danger: what its author may write in `hilo::risk`, and what crosses it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from conversations.answers import Value
from conversations.difference import differences
from conversations.errors import InstrumentInvalid
from conversations.instrument import Instrument
from conversations.risk.kinds import Danger, Kind
from conversations.risk.thresholds import ThresholdInvalid, crossed, read_threshold
from conversations.xlsform import parse_instrument

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FORM = """
| settings |
| | version |
| | 1 |

| survey |
| | type | name | label | calculation | hilo::risk |
| | select_one veces | ideas | ¿Qué tan seguido? | | self_harm: . = 'casi' or . = 'diario' |
| | select_multiple cosas | casa | ¿Qué pasó? | | violence: selected(., 'golpes') |
| | integer | dias | ¿Cuántos días? | | danger: . >= 3 |
| | calculate | total | | ${dias} + 1 | self_harm: . > 10 |
| | text | algo | ¿Algo más? | | |

| choices |
| | list_name | name | label |
| | veces | nunca | Nunca |
| | veces | casi | Casi |
| | veces | diario | Diario |
| | cosas | golpes | Golpes |
| | cosas | nada | Nada |
"""


def instrument(form: str = FORM) -> Instrument:
    return parse_instrument("prueba", form)


@pytest.mark.parametrize(
    ("question", "value", "kind"),
    [
        ("ideas", "diario", Kind.SELF_HARM),
        ("ideas", "nunca", None),
        ("casa", ("nada", "golpes"), Kind.VIOLENCE),
        ("casa", (), None),
        ("dias", Decimal(3), Kind.DANGER),
        ("dias", Decimal(2), None),
        ("total", "11", Kind.SELF_HARM),
        ("total", "10", None),
        ("ideas", None, None),
        ("algo", "me quiero morir", None),
    ],
)
def test_an_answer_crosses_the_threshold_of_its_question(question: str, value: Value | None, kind: Kind | None) -> None:
    found = crossed(instrument().by_name[question].risk, value, instrument="prueba", question=question, at=NOW)
    assert found == (None if kind is None else Danger(kind, f"prueba.{question}"))


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (". >= 2", "write one of danger, violence, self_harm"),
        ("sadness: . >= 2", "write one of danger, violence, self_harm"),
        ("violence: . >=", "cannot be read"),
        ("violence:", "cannot be read"),
        ("violence: ${otra} >= 2", "this answer alone"),
        ("violence: . = today()", "this answer alone"),
    ],
)
def test_a_cell_that_is_none_is_refused(cell: str, told: str) -> None:
    with pytest.raises(ThresholdInvalid, match=told):
        read_threshold(cell)


def test_an_author_learns_where_it_is_wrong() -> None:
    wrong = FORM.replace("danger: . >= 3", "danger . >= 3").replace(
        "¿Algo más? | | |", "¿Algo más? | | danger: . = 'a' |"
    )
    with pytest.raises(InstrumentInvalid) as refused:
        instrument(wrong)
    told = [(problem.row, problem.message) for problem in refused.value.problems]
    assert [row for row, _ in told] == [4, 6]
    assert "hilo::risk" in told[0][1]
    assert "belongs to a choice, a number or a calculate row" in told[1][1]


def test_a_threshold_that_is_changed_is_told() -> None:
    (found,) = differences(instrument(), instrument(FORM.replace(". >= 3", ". >= 4")))
    assert str(found) == "dias: risk changed: 'danger: . >= 3' → 'danger: . >= 4'"


def test_choices_that_get_new_names_keep_their_threshold() -> None:
    renamed = instrument(FORM.replace("diario", "1 diario"))
    (name,) = (choice.name for choice in renamed.by_name["ideas"].choices if "diario" in choice.name)
    assert name != "1 diario"
    assert crossed(renamed.by_name["ideas"].risk, name, instrument="prueba", question="ideas", at=NOW) is not None
