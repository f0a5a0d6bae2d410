"""Texts by key and language, and the check that every text exists and may be sent."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from locales import catalog
from locales.check import problems, silent
from locales.sources import ROOMS
from storage import preferences

HEADER = 'msgid ""\nmsgstr ""\n"Language: {}\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
ENUM_FILES = {
    "conversations/reading/result.py": "class Unreadable:\n    EMPTY = 'empty'\n",
    "conversations/errors.py": "class Rejection:\n    STALE = 'stale'\n",
    "conversations/answers.py": "class Period:\n    MONTH = 'mes'\n",
}
ALWAYS = {"period.mes": "al mes", "rejected.stale": "Ese botón ya pasó.", "unreadable.empty": "No llegó nada."}

Texts = dict[str, str | tuple[str, str]]


def entry(key: str, text: str | tuple[str, str]) -> str:
    if isinstance(text, str):
        return f'\nmsgid "{key}"\nmsgstr "{text}"\n'
    return f'\nmsgid "{key}"\nmsgid_plural "{key}"\nmsgstr[0] "{text[0]}"\nmsgstr[1] "{text[1]}"\n'


def write_po(folder: Path, language: str, body: str) -> None:
    path = catalog.po_file(folder, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER.format(language) + body, encoding="utf-8")


def write_texts(folder: Path, es: Texts, en: Texts, usted: Texts | None = None) -> None:
    for language, texts in {"es": es, "es-usted": usted or {}, "en": en}.items():
        write_po(folder, language, "".join(entry(key, text) for key, text in sorted(texts.items())))


Checked = Callable[..., list[str]]


@pytest.fixture
def check(tmp_path: Path) -> Checked:
    """Check catalogues for a small code of its own; the three enums and their texts are always there."""
    for room in ROOMS:
        (tmp_path / room).mkdir()
    for name, text in ENUM_FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    folder = tmp_path / "locales"
    folder.mkdir()
    (folder / "forbidden.txt").write_text("# data\nprisión\nla cana\nsueldo\n", encoding="utf-8")
    (folder / "readability_exceptions.toml").write_text("", encoding="utf-8")

    def checked(code: str, es: Texts, en: Texts | None = None, usted: Texts | None = None) -> list[str]:
        (tmp_path / "bot" / "said.py").write_text(code, encoding="utf-8")
        write_texts(folder, {**ALWAYS, **es}, {**ALWAYS, **(es if en is None else en)}, usted)
        return problems(tmp_path, folder)

    return checked


@pytest.mark.parametrize(
    "code",
    [
        'Phrase("a.b")',
        'catalog.text("a.b", language)',
        'Phrase("a.b" if late else "period.mes")',
        'SOME_KEYS = ("a.b",)',
        'SOME_KEYS: tuple[str, ...] = ("a.b",)\nPhrase(f"a.{x}")',
        'Phrase(f"period.{x.value}"), Phrase("a.b")',
    ],
)
def test_uses_are_found(check: Checked, code: str) -> None:
    assert check(code, {"a.b": "Hola."}) == []
    assert check(code, {}) == [f"{language}: a.b is missing (used in bot/said.py:1)" for language in ("es", "en")]


@pytest.mark.parametrize("code", ['sa.text("state = 1")', 'OTHER = ("a.b",)', "response.text()", '"a.b"'])
def test_other_strings_are_no_uses(check: Checked, code: str) -> None:
    assert check(code, {}) == []


@pytest.mark.parametrize("code", ['Phrase(f"door.{x}")', 'Phrase(f"{x}.b")', 'Phrase("door." + x)'])
def test_a_key_put_together_must_be_declared(check: Checked, code: str) -> None:
    (told,) = check(code, {})
    assert told.startswith("bot/said.py:1: a key is put together here")


def test_a_key_has_a_form(check: Checked) -> None:
    assert any("is no key" in told for told in check('Phrase("Hola, Rosa")', {"Hola, Rosa": "Hola."}))


def test_a_new_member_of_an_enum_needs_its_text(check: Checked, tmp_path: Path) -> None:
    errors = tmp_path / "conversations" / "errors.py"
    errors.write_text("class Rejection:\n    STALE = 'stale'\n    LATE = 'late'\n", encoding="utf-8")
    assert "es: rejected.late is missing (used in conversations/errors.py)" in check("", {})


@pytest.mark.parametrize(
    ("es", "en", "told"),
    [
        ("Hola.", "", "en: a.b is empty"),
        ("", "Hi.", "es: a.b is empty"),
        ("Hola, {name}.", "Hi.", "en: a.b names no value where Spanish names {name}"),
        ("Hola, {name}.", "Hi, {nane}.", "en: a.b names {nane} where Spanish names {name}"),
        ("Hola, {name.", "Hi.", "es: a.b has an unpaired brace"),
        (("Una.", "{count}."), ("One.", "Many."), "en: a.b names no value where Spanish names {count}"),
        (("Una.", "{count}."), "{count}.", "en: a.b has a plural in one language only"),
    ],
)
def test_texts_that_do_not_fit_are_told(
    check: Checked, es: str | tuple[str, str], en: str | tuple[str, str], told: str
) -> None:
    assert told in check('Phrase("a.b")', {"a.b": es}, {"a.b": en})


def test_a_singular_may_leave_its_count_out(check: Checked) -> None:
    both = ("Una espera.", "{count} esperan.")
    assert check('Phrase("a.b")', {"a.b": both}) == []


def test_unused_fuzzy_and_unsorted_texts_are_told(check: Checked, tmp_path: Path) -> None:
    check('Phrase("a.b")', {"a.b": "Hola."})
    texts = "".join(entry(key, text) for key, text in [*ALWAYS.items(), ("z.z", "Adiós.")])
    write_po(tmp_path / "locales", "en", texts + "\n#, fuzzy" + entry("a.b", "Hi."))
    assert problems(tmp_path, tmp_path / "locales") == [
        "en: z.z is used nowhere: remove it",
        "en: a.b stands after z.z: sort by key",
        "en: a.b is fuzzy: read it again and remove the mark",
    ]


@pytest.mark.holds("S-1")
@pytest.mark.parametrize(
    ("key", "text", "word"),
    [
        ("invitation.hello", "Salió de PRISION.", "prision"),
        ("reminder.hello", "Los sueldos.", "sueldos"),
        ("enrolment.greeting", "Aquí La Cana.", "la cana"),
        ("stranger.hello", "Prisiones", "prisiones"),
        ("invitation.hello", "La canasta y las prisas.", None),
    ],
)
def test_what_is_sent_uninvited_gives_nothing_away(check: Checked, key: str, text: str, word: str | None) -> None:
    told = check(f'Phrase("{key}")', {key: text}, {key: "Hi."})
    assert told == ([] if word is None else [f"es: {key} is sent uninvited and says “{word}”"])


@pytest.mark.holds("S-2")
@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("enrolment.notice", "El sueldo.", "says “sueldo” in its first line"),
        ("enrolment.notice", "Una cosa más.\\nEl sueldo.", None),
        ("checkin.confirm", "Entonces: {value}.", "says her answer in its first line"),
        ("checkin.confirm", "¿Así está bien?\\n{value}", None),
        ("staff.summary", "El sueldo: {value}", None),
    ],
)
def test_a_first_line_gives_nothing_away(check: Checked, key: str, text: str, problem: str | None) -> None:
    told = check(f'Phrase("{key}")', {key: text}, {key: "Hi.\\n{value}" if "value" in text else "Hi."})
    assert told == ([] if problem is None else [f"es: {key} {problem}"])


@pytest.mark.parametrize(("words", "problem"), [(15, False), (16, True)])
def test_spanish_sentences_are_short(check: Checked, words: int, problem: bool) -> None:
    text = " ".join(["sí"] * (words - 1) + ["{name}"]) + ". " + "no " * 10
    told = check('Phrase("a.b")', {"a.b": text}, {"a.b": "Yes " * 40 + "{name}"})
    assert [line for line in told if "16 words" in line] == told
    assert bool(told) is problem


TU, USTED = "¿Puedes leer?", "¿Puede leer?"


@pytest.mark.parametrize(
    ("es", "usted", "told"),
    [
        (TU, USTED, None),
        ("¿Seguimos?", None, None),
        (TU, None, "a.b is missing: the text in es says tú (“puedes”)"),
        (TU, "¿Puede leer tu mensaje?", "a.b says tú: “tu”"),
        ("¿Seguimos?", "¿Seguimos?", "a.b is the same as in es: remove it"),
        ("¿Puedes, {name}?", "¿Puede?", "a.b names no value where Spanish names {name}"),
        (("Te queda una.", "Te quedan {count}."), "Le quedan {count}.", "a.b has a plural in one language only"),
        (TU, "  ", "a.b is empty"),
    ],
)
def test_what_says_tu_is_said_to_usted_too(
    check: Checked, es: str | tuple[str, str], usted: str | tuple[str, str] | None, told: str | None
) -> None:
    problems = check('Phrase("a.b")', {"a.b": es}, None, {} if usted is None else {"a.b": usted})
    assert problems == ([] if told is None else [f"es-usted: {told}"])


def test_a_text_for_usted_that_nothing_says_is_told(check: Checked) -> None:
    assert check("", {}, None, {"a.b": USTED}) == ["es-usted: a.b is used nowhere: remove it"]


def test_staff_are_called_tu(check: Checked) -> None:
    assert check('Phrase("staff.hello")', {"staff.hello": "Aquí te aviso."}) == []


LONG_WORDS = "Necesitamos información complementaria. "
"""14 syllables in 3 words: 206.835 - 62.3 x 14/3 - 3 = -86.9."""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LONG_WORDS * 7, "a.b scores -87 (at least 65): use shorter words and sentences"),
        (LONG_WORDS * 6, None),  # 18 words are too few to be scored
        ("Va bien. " * 34, "a.b has 306 characters (at most 300): split it"),
        ("Va bien. " * 33, None),
    ],
)
def test_what_is_hard_to_read_is_told(check: Checked, text: str, told: str | None) -> None:
    expected = [] if told is None else [f"es: {told}"]
    assert check('Phrase("a.b")', {"a.b": text}, {"a.b": "Fine."}) == expected
    assert check('Phrase("staff.b")', {"staff.b": text}, {"staff.b": "Fine."}) == []


def test_length_counts_in_every_language(check: Checked) -> None:
    assert check('Phrase("a.b")', {"a.b": "Bien."}, {"a.b": "Fine. " * 51}) == [
        "en: a.b has 306 characters (at most 300): split it"
    ]


def test_an_exception_excuses_and_must_be_needed(check: Checked, tmp_path: Path) -> None:
    exceptions = tmp_path / "locales" / "readability_exceptions.toml"
    code, text = 'Phrase("a.b")', {"a.b": LONG_WORDS * 7}
    exceptions.write_text('["a.b"]\nscore = "the law words it so"\n', encoding="utf-8")
    assert check(code, text, {"a.b": "Fine."}) == []
    exceptions.write_text('["a.b"]\nscore = " "\nlength = "long"\nwidth = "wide"\n', encoding="utf-8")
    assert check(code, text, {"a.b": "Fine."}) == [
        "readability_exceptions.toml: a.b gives no reason for score",
        "readability_exceptions.toml: a.b needs no exception from length any more: remove it",
        "readability_exceptions.toml: a.b names the rule 'width': use one of score, sentence, length",
    ]


INSTRUMENT = """\
| settings |            |         |         |                  |
|          | form_title | form_id | version | default_language |
|          | Prueba     | prueba  | 1       | Español (es)     |
| survey |         |       |                     |
|        | type    | name  | label::Español (es) |
|        | integer | horas | {label}             |
|        | note    | fin   | Eso es todo.        |
"""


def test_the_instruments_are_read_too(check: Checked, tmp_path: Path) -> None:
    instruments = tmp_path / "conversations" / "instruments"
    instruments.mkdir()
    (instruments / "prueba.md").write_text(INSTRUMENT.format(label="¿" + "no " * 16 + "?"), encoding="utf-8")
    (told,) = check("", {})
    assert told == "prueba: horas (es): has a sentence of 16 words (at most 15): “no no no no …”"


def test_what_has_no_recording_is_listed_and_no_fault(check: Checked, tmp_path: Path) -> None:
    folder = tmp_path / "locales"
    (tmp_path / "conversations" / "instruments").mkdir()
    (tmp_path / "conversations" / "instruments" / "prueba.md").write_text(INSTRUMENT.format(label="¿Cuántas?"))
    keys = ("enrolment.notice_1", "enrolment.notice_2")
    texts: Texts = dict.fromkeys(keys, "Hola.")
    assert check(f"NOTICE_KEYS = {keys}", texts) == []
    (folder / "es" / "audio").mkdir()
    (folder / "es" / "audio" / "enrolment.notice_1.ogg").touch()
    assert silent(tmp_path, folder) == [
        "audio: notice: 1 of 2 recorded prompts are missing: enrolment.notice_2",
        "audio: controls: 5 of 5 recorded prompts are missing: "
        "button.back, button.skip, button.refuse, button.pause, button.help",
        "audio: prueba: 2 of 2 recorded prompts are missing: horas, fin",
    ]


@pytest.fixture
def small(tmp_path: Path) -> catalog.Catalog:
    """A catalogue in which English lacks a text."""
    write_texts(
        tmp_path,
        {"hello": "Hola, {name}.", "only": "Solo aquí.", "waits": ("Una espera.", "{count} esperan.")},
        {"hello": "Hi, {name}.", "waits": ("One waits.", "{count} wait.")},
        {"waits": ("Le espera una.", "Le esperan {count}.")},
    )
    return catalog.load_catalog(tmp_path)


def test_texts_are_found_by_key_and_language(small: catalog.Catalog) -> None:
    assert small.text("hello", "es", name="Rosa {x}") == "Hola, Rosa {x}."
    assert small.text("hello", "en", name="Rosa") == "Hi, Rosa."
    assert small.text("only", "en") == "Solo aquí."
    assert small.text("hello", "es-usted", name="Rosa") == "Hola, Rosa.", "what says no tú is said to everybody"
    assert small.text("waits", "es-usted", count=2) == "Le esperan 2."
    assert small.text("waits", "en", count=1) == "One waits."
    assert small.text("only", "nah") == "Solo aquí.", "a language that there is not is answered in Spanish"


@pytest.mark.parametrize(("count", "text"), [(1, "Una espera."), (2, "2 esperan."), (0, "0 esperan.")])
def test_plurals_follow_the_count(small: catalog.Catalog, count: int, text: str) -> None:
    assert small.text("waits", "es", count=count) == text


def test_unknown_keys_and_missing_values_are_errors(small: catalog.Catalog) -> None:
    with pytest.raises(KeyError, match="nothing"):
        small.text("nothing", "es")
    with pytest.raises(KeyError, match="name"):
        small.text("hello", "es")


@pytest.mark.parametrize(
    ("amount", "es", "en"),
    [("1500", "$1,500", "MX$1,500"), ("1500.50", "$1,500.50", "MX$1,500.50"), ("0.00", "$0", "MX$0")],
)
def test_money(amount: str, es: str, en: str) -> None:
    assert (catalog.money(Decimal(amount), "es"), catalog.money(Decimal(amount), "en")) == (es, en)


@pytest.mark.parametrize(
    ("items", "es", "en"),
    [
        (["pan"], "pan", "pan"),
        (["pan", "leche"], "pan y leche", "pan and leche"),
        (["pan", "leche", "huevo"], "pan, leche y huevo", "pan, leche, and huevo"),
        (["aguja", "hilo"], "aguja e hilo", "aguja and hilo"),
        (["hilo", "hierba"], "hilo y hierba", "hilo and hierba"),
        (["vender y tejer", "inglés"], "vender y tejer e inglés", "vender y tejer and inglés"),
        (["Por mi cuenta", "Con patrón"], "Por mi cuenta y con patrón", "Por mi cuenta and con patrón"),
        (["A domicilio", "A pie"], "A domicilio y a pie", "A domicilio and a pie"),
        (["Comida", "INE", "CURP"], "Comida, INE y CURP", "Comida, INE, and CURP"),
        (["Seguro", "Banco Azteca"], "Seguro y Banco Azteca", "Seguro and Banco Azteca"),
        (["Lunes", "Martes"], "Lunes y martes", "Lunes and martes"),
        (["Monday", "Tuesday"], "Monday y tuesday", "Monday and Tuesday"),
        (["Help", "I clean"], "Help e I clean", "Help and I clean"),
        (["Cocina", "Útiles", "Inglés"], "Cocina, útiles e inglés", "Cocina, útiles, and inglés"),
        (["Otra", "...", "&lt;3"], "Otra, ... y &lt;3", "Otra, ..., and &lt;3"),
        ([], "", ""),
    ],
)
def test_lists_are_joined_in_words(items: list[str], es: str, en: str) -> None:
    assert [catalog.joined(items, language) for language in catalog.LANGUAGES] == [es, es, en]


def test_usted_is_written_as_spanish_is() -> None:
    amount, day = Decimal("1500.50"), date(2026, 3, 2)
    assert catalog.money(amount, "es-usted") == catalog.money(amount, "es")
    assert catalog.number(amount, "es-usted") == catalog.number(amount, "es")
    assert catalog.long_date(day, "es-usted") == catalog.long_date(day, "es")
    assert catalog.weekday(day, "es-usted") == catalog.weekday(day, "es")


def test_the_store_names_usted_as_the_catalogue_does() -> None:
    assert preferences.speech_key("es", "usted") == catalog.USTED
    assert preferences.speech_key("es", "tu") == catalog.SPANISH
    assert preferences.speech_key("en", "usted") == catalog.ENGLISH


def test_dates_and_numbers() -> None:
    day = date(2026, 3, 2)
    assert (catalog.long_date(day, "es"), catalog.long_date(day, "en")) == ("2 de marzo de 2026", "March 2, 2026")
    assert (catalog.weekday(day, "es"), catalog.weekday(day, "en")) == ("lunes 2 de marzo", "Monday, March 2")
    assert catalog.number(Decimal("12345.5"), "es") == "12,345.5"


@pytest.mark.holds("S-1")
def test_the_shipped_catalogues_are_complete() -> None:
    assert problems(catalog.FOLDER.parent) == []


def test_the_shipped_check_has_something_to_check() -> None:
    with catalog.po_file(catalog.FOLDER, catalog.USTED).open(encoding="utf-8") as file:
        assert len([message for message in read_po(file) if message.id]) > 40
    told = silent(catalog.FOLDER.parent)
    assert any(line.startswith("audio: seguimiento: ") for line in told)
    assert any(line.startswith("audio: notice: ") for line in told)
