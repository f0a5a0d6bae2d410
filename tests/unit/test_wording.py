"""What is kept as a code has words for staff: nobody reads a code, whatever is added."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.courier import NOT_SAID
from bot.participant.enrolment import UNFINISHED
from bot.routing import ATTACHMENTS
from bot.staff.wording import KIND_KEYS, REASON_KEYS, SENT_KEYS, kind_in_words, kind_within, sent_in_words, why
from bot.verdicts import SHUT, Verdict
from conversations.session import HELP
from locales.catalog import ENGLISH, SPANISH, load_catalog
from storage import cases_kinds, mail, recipients
from storage.files import TRANSCRIPTION
from storage.leaving import Held
from storage.segments import Excluded

ROOT = Path(__file__).parents[2]
NO_KINDS = {cases_kinds.A_DATE}
"""The beginning of several kinds, and none itself."""


def kinds() -> set[str]:
    """All that the code names."""
    constants = {value for name, value in vars(cases_kinds).items() if name.isupper() and isinstance(value, str)}
    return constants - NO_KINDS | {HELP, TRANSCRIPTION, UNFINISHED}


def reasons_written() -> Iterator[str]:
    """Every reason that is written down as it stands in the code."""
    for room in ("bot", "scheduler", "storage"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Assign(targets=[ast.Attribute(attr="reason")], value=ast.Constant(value=str(reason))):
                        yield reason
                    case ast.keyword(arg="reason", value=ast.Constant(value=str(reason))) if reason:
                        yield reason
                    case _:
                        pass


def reasons() -> set[str]:
    """Why something is held back, refused, skipped, or somebody is left out."""
    refused = {verdict.value for verdict in Verdict} - {Verdict.DONE.value, Verdict.RETRY.value}
    ours = {recipients.CANCELLED, recipients.UNOPENED, recipients.NO_CHAT, NOT_SAID, "retired"}
    return {*map(str, Held), *map(str, Excluded), *refused, *mail.SHUT, *ours, *reasons_written()}


def test_every_kind_of_case_has_its_word_and_no_other_has() -> None:
    assert {"mensaje", "crisis", "llamada", "palabra"} <= kinds()
    assert kinds() == set(KIND_KEYS)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("mensaje", "Mensaje"),
        ("inscripcion_incompleta", "Inscripción sin terminar"),
        ("fecha_de_salida", "Falta su fecha de salida"),
        ("fecha_de_audiencia_final", "Falta una fecha: audiencia final"),
        ("busca_empleo", "Otro asunto: busca empleo"),
    ],
)
def test_a_kind_that_a_form_or_a_plan_names_is_told_too(kind: str, words: str) -> None:
    assert kind_in_words(kind) == words
    assert kind_within(kind) == words[0].lower() + words[1:]


def test_every_kind_of_attachment_has_its_word() -> None:
    assert set(ATTACHMENTS) == set(SENT_KEYS)
    assert sent_in_words("voice") == "🎤 Nota de voz"
    assert sent_in_words("paid_media") == "📎 Adjunto", "what Telegram adds tomorrow"


def test_every_reason_has_its_words_in_both_languages_and_no_other_has() -> None:
    assert {"not_rendered", "unreachable", "frozen", "retired"} <= reasons()
    assert reasons() == set(REASON_KEYS)
    assert {verdict.value for verdict in SHUT} == set(mail.SHUT)
    for reason in reasons():
        for language in (SPANISH, ENGLISH):
            said = [why(reason, count, language=language) for count in (1, 2)]
            assert all(said)
            assert "_" not in "".join(said)
            assert load_catalog().text("staff.reason_other", language, reason=reason) not in said


def test_a_reason_agrees_with_those_for_whom_it_holds() -> None:
    assert why("stopped") == "pidió que no le escribamos"
    assert why("stopped", 3) == "pidieron que no les escribamos"
    assert why("of tomorrow") == "otra razón (of tomorrow)"
