"""The files of phrases beside the readers: what is broken in one is named with its file, its table and its rule."""

from __future__ import annotations

import re

import pytest

from conversations.reading.tables import TableBroken, Tables, heard, load

SHAPE = {"terms": (), "rules": ("stop",), "around": ("last",)}
WHOLE = '[terms]\nno = "no | ya no"\n[rules]\nstop = "<no> me? (escriban|busquen)"\n[around]\nlast = "ya | más"\n'


def tables(source: str = WHOLE) -> Tables:
    return Tables("stop.toml", source, shape=SHAPE)


@pytest.mark.parametrize("said", ["no me escriban", "ya no eskrivan", "no busken"])
def test_a_rule_is_words_by_their_sound(said: str) -> None:
    assert re.fullmatch(tables().rules("rules", "stop"), f"{heard(said)} ")


@pytest.mark.parametrize("said", ["no ", "me escriban ", "no me me escriban ", "no meescriban "])
def test_what_no_rule_says_is_not_taken(said: str) -> None:
    assert re.fullmatch(tables().rules("rules", "stop"), said) is None


def test_accents_may_be_written() -> None:
    assert tables().sounds("around", "last") == {"ya", "mas"}


@pytest.mark.parametrize(
    ("whole", "broken", "told"),
    [
        ("[rules]", "[rules", "stop.toml"),
        ("[around]", "[arround]", "around is missing"),
        ("last =", "lasst =", "around.last is missing"),
        ("[around]", "[around]\nfirst = 'ay'", "around.first is known to no reader"),
        ('"ya | más"', '" "', "around.last"),
        ('"ya | más"', "3", "around.last"),
        ("[around]\n", "around = 3\n[[nothing]]\n", "around"),
    ],
)
def test_a_table_that_is_not_there_or_not_known_is_named(whole: str, broken: str, told: str) -> None:
    with pytest.raises(TableBroken, match=re.escape(told)):
        tables(WHOLE.replace(whole, broken))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("<nope> me escriban", "<nope>"),
        ("no (me escriban", "cannot be used"),
        ("no me escriban + ya", "sign +"),
        ("no? me?", "without a word"),
        ("<loop> ya", "<loop>"),
    ],
)
def test_a_rule_that_is_none_is_named(rule: str, told: str) -> None:
    broken = tables(
        WHOLE.replace("<no> me? (escriban|busquen)", rule).replace("[rules]", 'loop = "ya <loop>"\n[rules]')
    )
    with pytest.raises(TableBroken, match=re.escape(told)) as raised:
        broken.rules("rules", "stop")
    assert "stop.toml: " in str(raised.value)
    assert "rules.stop" in str(raised.value) or "terms.loop" in str(raised.value)


def test_a_phrase_with_a_sign_of_rules_is_named() -> None:
    broken = tables(WHOLE.replace("más", "(más)"))
    with pytest.raises(TableBroken, match=re.escape("stop.toml: around.last: '(mas)'")):
        broken.sounds("around", "last")


@pytest.mark.parametrize("file", ["stop.toml", "wanted.toml"])
def test_a_shipped_file_fails_where_it_is_not_as_its_reader_needs_it(file: str) -> None:
    with pytest.raises(TableBroken, match=file):
        load(file, shape={"nothing": ()})
