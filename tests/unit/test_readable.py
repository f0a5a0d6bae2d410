"""How easily texts read: syllables and scores counted by hand, and every rule with a text that breaks it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locales.readable import Exceptions, hard, instrument_problems, score, sentences, syllables, unprompted

COUNTED = """
1: a y no sí hoy muy ley voy yo ya quien que seis diez rey ti
2: día días mayo quieres guardo guerra ciudad cuidar viuda país maíz raíz baúl ahí búho rehén aunque uñas
   tianguis huevo hueso reír tuyo reyes estoy veo leo caer tía también después leer creer cualquier
3: ayuda apoyo pingüino agüita cigüeña veintidós quincena semana recibió familia idea oeste héroe ahora cohete
   prohibido limpieza enlace cualquiera pequeña instrucción construyó oído sonreír uruguay línea ahijada video estudio
   estudió actúa acuerdo anoté cuéntame telegram vivía había aviso cerquita transporte alcohol
   búsquedas
4: trabajaste recibieron aéreo poesía ahorita vehículo averiguar averiguáis autoridad catálogo necesitas océano
   continúo escríbelo teléfono desahogo
5: trabajaría automático
6: identificación
"""


def _counted() -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    number = 0
    for token in COUNTED.split():
        if token.endswith(":"):
            number = int(token[:-1])
        else:
            found.append((token, number))
    return found


@pytest.mark.parametrize(("word", "count"), _counted())
def test_syllables_as_counted_by_hand(word: str, count: int) -> None:
    assert syllables(word) == count
    assert syllables(word.upper()) == count


@given(st.text())
def test_every_word_has_a_syllable(word: str) -> None:
    assert syllables(word) >= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 4 words of 1 + 2 + 1 + 1 = 5 syllables in one sentence.
        ("No tengo más luz.", 206.835 - 62.3 * 5 / 4 - 4),
        # Two sentences; 5 words: Ya, tra-ba-jo, Ha-ce, fal-ta, co-mi-da = 1 + 3 + 2 + 2 + 3 = 11 syllables.
        ("Ya trabajo. ¿Hace falta comida?", 206.835 - 62.3 * 11 / 5 - 5 / 2),
        # A value and a figure are words of two syllables: Son, $1,500 or {value}, hoy = 1 + 2 + 1.
        ("Son $1,500.50 hoy", 206.835 - 62.3 * 4 / 3 - 3),
        ("Son {value} hoy", 206.835 - 62.3 * 4 / 3 - 3),
        # A line break ends a sentence.
        ("Una cosa\nmás", 206.835 - 62.3 * (2 + 2 + 1) / 3 - 3 / 2),
    ],
)
def test_scores_as_computed_by_hand(text: str, expected: float) -> None:
    assert score(text) == pytest.approx(expected)


def test_nothing_has_no_score() -> None:
    with pytest.raises(ValueError, match="without words"):
        score("¡¿…?!")


def test_sentences_end_where_they_are_heard_to_end() -> None:
    assert sentences("¿Sí? ¡No!… 1.5 mil\nFin") == [["Sí"], ["No"], ["cinco", "mil"], ["Fin"]]


@given(st.integers(1, 30), st.integers(1, 4))
def test_longer_words_and_sentences_never_score_higher(words: int, beats: int) -> None:
    text = " ".join(["la" * beats] * words)
    assert score(text) > score(" ".join(["la" * (beats + 1)] * words))
    assert score(text) > score(f"{text} {'la' * beats}")


@pytest.mark.parametrize(
    ("text", "language", "rules"),
    [
        ("no " * 15, "es", []),
        ("no " * 16, "es", ["sentence"]),
        ("no " * 16, "es-usted", ["sentence"]),
        ("no " * 16, "en", []),
        ("no. " * 75, "es", []),
        ("no. " * 75 + ".", "es", ["length"]),
        ("no. " * 76, "en", ["length"]),
        ("universidades. " * 19, "es", []),
        ("universidades. " * 20, "es", ["score"]),
        ("{value} " * 15, "es", []),
    ],
)
def test_each_rule_bites(text: str, language: str, rules: list[str]) -> None:
    assert [one.rule for one in hard(text, language)] == rules


# --- instruments


@dataclass(frozen=True)
class Asked:
    """A question as the check reads it."""

    label: dict[str, str]
    hint: dict[str, str] | None = None
    constraint_message: dict[str, str] | None = None
    audio: dict[str, str] | None = None
    choices: tuple["Asked", ...] = ()
    type: str = "text"
    name: str = "horas"


@dataclass(frozen=True)
class Questionnaire:
    """An instrument as the check reads it."""

    questions: list[Asked]
    name: str = "prueba"


@pytest.fixture
def exceptions(tmp_path: Path) -> Exceptions:
    path = tmp_path / "exceptions.toml"
    path.write_text('["prueba.excused"]\nsentence = "it has always been asked so"\n', encoding="utf-8")
    return Exceptions(path)


ASKED = {"es": "¿Cuántas horas son?"}


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (Asked(ASKED), []),
        (Asked({"es": "no " * 16}), ["horas (es): has a sentence of 16 words (at most 15): “no no no no …”"]),
        (Asked({"es": "no " * 16}, name="excused"), []),
        (Asked({"en": "no " * 16}), []),
        # Label and hint are one message: neither is too long by itself. 10 characters stand above them.
        (
            Asked({"es": "no. " * 37}, {"es": "no. " * 36}),
            ["horas (es): has 303 characters (at most 300): split it"],
        ),
        (Asked({"es": "no. " * 36}, {"es": "no. " * 36}), []),
        (
            Asked({"es": "universidades. " * 10}, {"es": "universidades. " * 9, "en": "fine"}),
            [],
        ),
        (
            Asked({"es": "universidad. " * 10}, {"es": "universidad. " * 10}),
            ["horas (es): scores -106 (at least 65): use shorter words and sentences"],
        ),
        # The number stands above a question; of a note the label is what shows on a locked screen.
        (Asked({"es": "¿Cuánto dinero es?"}), []),
        (Asked({"es": "Tu dinero.\nY más."}, type="note"), ["horas (es): says “dinero” in its first line"]),
        (Asked({"es": "Una cosa.\nTu dinero."}, type="note"), []),
        (Asked(ASKED, constraint_message={"es": "Es mucho dinero."}), ["horas (es): says “dinero” in its first line"]),
        (Asked({}, type="calculate"), []),
    ],
)
def test_a_question_is_read_as_it_shows(question: Asked, told: list[str], exceptions: Exceptions) -> None:
    assert instrument_problems(Questionnaire([question]), exceptions) == told


def test_an_instrument_for_usted_needs_all_its_texts(exceptions: Exceptions) -> None:
    informal = Asked({"es": "¿Trabajas?"}, {"es": "Marca una."}, name="trabajo")
    assert instrument_problems(Questionnaire([informal]), exceptions) == []
    formal = Asked(
        {"es": "¿Tienes casa?", "es-usted": "¿Tiene casa, amiga tuya?"},
        choices=(Asked({"es": "Tu casa"}),),
        name="casa",
    )
    assert instrument_problems(Questionnaire([informal, formal]), exceptions) == [
        "trabajo (es): says tú (“trabajas”) and has no text for usted: add the column Español de usted (es-usted)",
        "trabajo (es): says tú (“marca”) and has no text for usted: add the column Español de usted (es-usted)",
        "casa (es-usted): says tú: “tuya”",
        "casa (es): says tú (“tu”) and has no text for usted: add the column Español de usted (es-usted)",
    ]


def test_what_has_no_recording_is_named() -> None:
    questions = [Asked(ASKED), Asked(ASKED, audio={"es": "dias.ogg"}, name="dias"), Asked({}, name="suma")]
    assert unprompted(Questionnaire(questions)) == ["horas"]
