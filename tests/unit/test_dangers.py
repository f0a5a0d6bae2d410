"""What tells of a danger (conversations/risk), on the corpora risk_*.tsv and case by case; the figures are printed."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.reading.tables import TableBroken, Tables
from conversations.risk.anchors import anchors, single
from conversations.risk.dangers import Phrases, dangers
from conversations.risk.kinds import Danger, Kind

CORPUS = Path(__file__).parents[1] / "corpus"
CORPORA = sorted(path.name for path in CORPUS.glob("risk_*.tsv"))
LEAST_FOUND, MOST_FALSE = 0.98, 0.05  # the owner's
OTHER_PEOPLE = {Kind.VIOLENCE, Kind.DANGER}
SOURCE = files("conversations.risk").joinpath("phrases.toml").read_text(encoding="utf-8")


def rows(corpus: str) -> list[tuple[str, Kind | None]]:
    with (CORPUS / corpus).open(encoding="utf-8", newline="") as table:
        read = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["utterance"], Kind(row["kind"]) if row["kind"] else None) for row in read]


def kinds(text: str) -> set[Kind]:
    return {danger.kind for danger in dangers(text)}


def side(kind: Kind) -> set[Kind]:
    """The kinds that lead to the same reply: whether somebody else hurts her, or she herself."""
    return OTHER_PEOPLE if kind in OTHER_PEOPLE else {kind}


def test_the_corpora_are_as_large_as_they_must_be() -> None:
    every = [kind for corpus in CORPORA for _, kind in rows(corpus)]
    assert sum(kind is not None for kind in every) >= 300
    assert sum(kind is None for kind in every) >= 150
    assert set(every) == {*Kind, None}


@pytest.mark.holds("S-19")
@pytest.mark.parametrize("corpus", CORPORA)
def test_nearly_all_is_found_and_little_else(corpus: str, record_property: Callable[[str, object], None]) -> None:
    told = [(text, kind) for text, kind in rows(corpus) if kind is not None]
    benign = [text for text, kind in rows(corpus) if kind is None]
    found = [kind for text, kind in told if kinds(text) & side(kind)]
    false = [text for text in benign if dangers(text)]
    count, all_of = Counter(found), Counter(kind for _, kind in told)
    by_kind = ", ".join(f"{kind} {count[kind] / all_of[kind]:.1%} of {all_of[kind]}" for kind in Kind)
    share, wrong = len(found) / len(told), len(false) / len(benign)
    line = f"{corpus:<18} found {share:.1%} ({by_kind}); false {wrong:.1%} of {len(benign)}"
    print(line)
    record_property(corpus, line)
    assert len(found) >= LEAST_FOUND * len(told), [text for text, kind in told if not kinds(text) & side(kind)]
    assert len(false) <= MOST_FALSE * len(benign), false


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ya no kiero vivir", Kind.SELF_HARM),
        ("m kiero morir", Kind.SELF_HARM),
        ("mequieromorir", Kind.SELF_HARM),
        ("ME QUIERO MORIIIIR 😭", Kind.SELF_HARM),
        ("me quiero... morir", Kind.SELF_HARM),
        ("no me quiero morir pero ya no aguanto vivir asi", Kind.SELF_HARM),
        ("mi hija dice que se quiere morir", Kind.SELF_HARM),
        ("no nomás me pega a mí, también a mis hijos", Kind.VIOLENCE),
        ("no deja de pegarme", Kind.VIOLENCE),
        ("ya no quiero que me pegue", Kind.VIOLENCE),
        ("ya no me pega pero me amenaza", Kind.VIOLENCE),
        ("antes me pegaba y ahora otra vez", Kind.VIOLENCE),
        ("si vuelvo con él me mata", Kind.VIOLENCE),
        ("me dijo “te voy a matar”", Kind.VIOLENCE),
        ("golpean a mi hermana", Kind.VIOLENCE),
        ("me trae amenazada", Kind.VIOLENCE),
        ("m pega", Kind.VIOLENCE),
        ("mepega", Kind.VIOLENCE),
        ("trae pistola", Kind.DANGER),
        ("ando huyendo", Kind.DANGER),
        ("está aquí afuera golpeando la puerta", Kind.DANGER),
        ("MEVAAMATAR", Kind.DANGER),
    ],
)
def test_what_tells_of_a_danger(text: str, kind: Kind) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "me muero de risa",
            "me mata el calor",
            "me mató el examen",
            "mataría por unos tacos",
            "la pistola de silicón",
        ),
        *("me pegó el sol", "me pegó la gripa", "pegué un botón", "golpe de suerte", "me corté el pelo"),
        *("me corté cosiendo", "ya no aguanto los zapatos", "colgué el teléfono", "mi marido mata pollos"),
        *("no me quiero morir", "ya no me pega", "nunca he pensado en matarme", "nadie me golpea", "dejó de pegarme"),
        *("antes me pegaba", "hace años quise morirme", "mi ex me golpeaba", "de niña me pegaban"),
        *("", " ", "...", "no", "1500 a la quincena", "ñ", "😂"),
    ],
)
def test_what_tells_of_none(text: str) -> None:
    assert dangers(text) == ()


def test_the_nearest_danger_comes_first_and_each_phrase_once() -> None:
    found = dangers("me quiero morir. me va a matar, me pega y me pega y me quiero morir")
    assert found == tuple(dict.fromkeys(found))
    assert [one.kind for one in found] == sorted((one.kind for one in found), key=list(Kind).index)
    assert {one.kind for one in found} == set(Kind)
    assert Danger(Kind.VIOLENCE, "hits_me") in found


@pytest.mark.parametrize(
    "text", ["muy bien, pero me pega", "me pega, pero muy bien", "Me  PEGÁ", "me pega 😢", "«me pega»"]
)
def test_what_stands_around_it_changes_nothing(text: str) -> None:
    assert Danger(Kind.VIOLENCE, "hits_me") in dangers(text)


def tables() -> Tables:
    shape = dict.fromkeys(re.findall(r"^\[(\w+)\]$", SOURCE, re.MULTILINE), ())
    return Tables("phrases.toml", SOURCE, shape=shape)


def test_a_phrase_is_named_once_and_so_that_it_can_be_stored() -> None:
    names = [name for kind in Kind for name in tables().names(kind)]
    assert len(names) == len(set(names)) > 20
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name) for name in names)


RULES = [said for kind in Kind for name in tables().names(kind) for said in single(tables().rules(kind, name))]


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_whatever_a_rule_says_has_one_of_its_anchors(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(RULES))
    said = data.draw(st.from_regex(re.compile(rule, re.ASCII), fullmatch=True))
    assert anchors(rule, tables().sounds("common", "words")) & set(said.split())


def test_no_rule_repeats_more_than_a_gap_does() -> None:
    unbounded = [rule for rule in RULES if re.search(r"[*+]|\{\d+,\}", rule.replace(r"(?:\S+ ){0,3}?", ""))]
    assert unbounded == []


@pytest.mark.parametrize(
    ("rules", "common", "expected"),
    [
        ("(?:me mata )", {"me"}, {"mata"}),
        ("(?:(?:me )?mata |muere )", (), {"mata", "muere"}),
        ("(?:me (?:mata |pega ))", {"me"}, {"mata", "pega"}),
        (r"(?:no (?:\S+ ){0,3}?bibir )", {"no"}, {"bibir"}),
        ("(?:me (?:a |b |c ))", (), {"me"}),
    ],
)
def test_anchors_are_the_rarest_words_that_must_stand_there(rules: str, common: set[str], expected: set[str]) -> None:
    assert anchors(rules, common) == expected


def test_a_rule_of_words_of_any_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="any kind"):
        anchors(r"(?:(?:\S+ ){0,3}?)", ())


@pytest.mark.parametrize(
    ("whole", "broken"), [("[around]", "[arround]"), ("denials =", "denial ="), ("<i_want>", "<i_wnt>")]
)
def test_a_file_that_is_not_as_it_must_be_is_refused(whole: str, broken: str) -> None:
    with pytest.raises(TableBroken, match=r"own\.toml"):
        Phrases(SOURCE.replace(whole, broken), file="own.toml")


def test_an_organisations_own_phrase_is_found_by_its_name() -> None:
    own = Phrases(SOURCE.replace("[danger]\n", '[danger]\nour_word = "piñata azul"\n'), file="own.toml")
    assert own.dangers("la piñata azul") == (Danger(Kind.DANGER, "our_word"),)
    assert dangers("la piñata azul") == ()
