"""All that a woman in danger can be told: short, plain, one question at most, and nothing that the bot must not say."""

from __future__ import annotations

import re
from datetime import date
from itertools import combinations

import pytest

from conversations.risk import replies
from conversations.risk.helplines import lines_for, read_helplines, shipped
from conversations.risk.kinds import Kind
from conversations.speech import Phrase
from locales.catalog import ENGLISH, LANGUAGES, SPANISH, USTED, load_catalog
from locales.catalog import FOLDER as CATALOGUES
from storage.cases_alerts import READ_KEYS, SOON_KEYS

LINES = read_helplines(shipped(), file="helplines.toml", today=date.max)
KINDS = [kinds for number in (1, 2, 3) for kinds in combinations(Kind, number)]
READ = (None, *(Phrase(key, {"hour": "9:00"}) for key in (*READ_KEYS, *SOON_KEYS)))

FORBIDDEN = {
    "a diagnosis": r"depre|ansied|anxi|trastorn|disorder|suicid|crisis|víctima|victim|trauma|enferm|\bill\b|síntoma",
    "advice": r"deber[íi]as|debes|debe\b|tienes que|tiene que|te recom|le recom|te sugier|conviene|should|must|advi[sc]"
    r"|mejor |respira|breath|cálma|calm|piensa|think|busca|habla con|talk to|llama\b|llame\b|\bcall\b|denuncia|report"
    r"|vete|sal de|leave",
    "a promise": r"promet|promis|todo va a|todo estará|vas a estar|va a estar bien|will be (fine|ok)|te ayudaremos"
    r"|vamos a ayud|we will|nadie te va|a salvo|te protege|garant|guarant|segur[ao]\b|safe and",
    "an authority": r"polic|ministerio|fiscal|juez|judge|DIF\b|autoridad|authorit|patrulla|cárcel|prison|penal",
    "a family": r"familia|family|tu mamá|tu esposo|tu pareja|husband",
    "how grave it is": r"cómo lo harías|plan\b|grave|serious|qué tan|how (bad|likely)|estás segur|are you sure",
}
"""What it must not say, in Spanish and in English, and in what."""


def in_words(phrase: Phrase, language: str) -> str:
    said = load_catalog().text(phrase.key, language, **phrase.values)
    return "\n".join([said, *(in_words(line, language) for line in phrase.lines)])


def everything() -> list[Phrase]:
    """Each reply as it can be composed, but for the names of the lines, which others chose."""
    asked = [replies.asking(), replies.if_fine(), *(replies.on(kinds) for kinds in KINDS)]
    shown = [replies.numbers((), team_told=told, read=read) for told in (True, False) for read in READ]
    short = [replies.YES, replies.NOT_NOW, replies.FINE, replies.TELL, replies.WENT_ON]
    return [*asked, *shown, *short, *(said(read=read) for said in (replies.told, replies.passed) for read in READ)]


def test_every_text_of_a_crisis_is_among_them() -> None:
    keys = re.findall(
        r'^msgid "(crisis\..*)"', (CATALOGUES / "es/LC_MESSAGES/hilo.po").read_text("utf-8"), re.MULTILINE
    )
    told = {part.key for phrase in everything() for part in (phrase, *phrase.lines)}
    assert {*keys} - {"crisis.line"} == {key for key in told if key.startswith("crisis.")}


@pytest.mark.holds("S-20")
@pytest.mark.parametrize("what", FORBIDDEN)
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_never_says(what: str, language: str) -> None:
    said = {in_words(phrase, language) for phrase in everything()}
    found = {text for text in said if re.search(FORBIDDEN[what], text, re.IGNORECASE)}
    assert not found


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_asks_whether_she_can_write_and_nothing_else(language: str) -> None:
    safe = in_words(Phrase("crisis.safe"), language)
    for phrase in everything():
        assert in_words(phrase, language).replace(safe, "").count("?") == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_one_warm_sentence(language: str) -> None:
    warm = in_words(Phrase("crisis.heard"), language)
    assert re.findall(r"[.!?]", warm) == ["."]
    assert len(warm.split()) <= 15


@pytest.mark.holds("S-20")
@pytest.mark.parametrize("kinds", KINDS)
@pytest.mark.parametrize("region", ["CMX", "MEX", "JAL", None])
def test_every_reply_is_short_says_that_it_is_automatic_and_who_reads(
    kinds: tuple[Kind, ...], region: str | None
) -> None:
    lines = lines_for(LINES, kinds, region=region, on=date(2026, 11, 23))
    for language, told in ((language, told) for language in (SPANISH, USTED, ENGLISH) for told in (True, False)):
        for read in READ if told else (None,):
            said = in_words(replies.numbers(lines, team_told=told, read=read), language)
            assert in_words(Phrase("crisis.automatic"), language) in said
            assert len(said) <= 400
            team = in_words(read or replies.READS_NOW if told else Phrase("crisis.nobody_told"), language)
            assert team in said
            assert ("\n*" in said) is (region == "CMX" and Kind.VIOLENCE in kinds)
