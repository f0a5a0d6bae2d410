"""Which messages only keep in touch, and which could mean more and so are for a person."""

import pytest

from conversations.reading.controls import _PHRASES
from conversations.reading.courtesies import Courtesy, read_courtesy
from conversations.reading.words import entries


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hola", Courtesy.GREETING),
        ("Ola", Courtesy.GREETING),
        ("Hola, buenas tardes!", Courtesy.GREETING),
        ("buenos días, ¿cómo estás?", Courtesy.GREETING),
        ("Holaaa 😊", Courtesy.GREETING),
        ("grasias", Courtesy.THANKS),
        ("hola,gracias", Courtesy.THANKS),
        ("Muchas gracias, que Dios los bendiga 🙏", Courtesy.THANKS),
        ("ok", Courtesy.NOD),
        ("👍", Courtesy.NOD),
        ("🙏🏽 ❤️", Courtesy.NOD),
        ("jajajaja", Courtesy.NOD),
        ("todo bien", Courtesy.NOD),
        ("buenas noches", Courtesy.NOD),
    ],
)
def test_what_only_keeps_in_touch(text: str, kind: Courtesy) -> None:
    assert read_courtesy(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "hola, necesito hablar",
        "gracias por avisar, no me ha llegado nada",
        "ya me resolvieron, gracias",
        "mal",
        "más o menos",
        "bien y tú",
        "?",
        "¿?",
        "...",
        "",
        "5",
        "ok 5",
        "buenas noches me puede llamar",
    ],
)
def test_what_could_mean_more(text: str) -> None:
    assert read_courtesy(text) is None


def test_a_phrase_that_steers_is_no_mere_courtesy() -> None:
    steering = [phrase for table in _PHRASES.values() for phrase in entries(table)]
    assert [phrase for phrase in steering if read_courtesy(phrase) is not None] == []
