"""Which words of a Spanish text say tú to her, so that nobody who asked for usted is ever called tú.

* A closed list (address.toml), not a grammar: pronouns, the endings that only tú has, and verbs by their stems.
* An imperative ("toca") is spelt like "ella toca": it counts only where a clause begins, and not in a question.
* A form that is a noun as well ("preguntas") is no sign by itself; what else such a text says will tell.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path

_LISTED = {
    name: frozenset(words.split())
    for name, words in tomllib.loads(Path(__file__).with_name("address.toml").read_text(encoding="utf-8")).items()
}

_ENDINGS = (
    r"\w{2,}[ai]ste",  # trabajaste, recibiste
    r"\w*(?:[aeií]r|br|dr|rr)ás",  # dirás, podrás, querrás
    r"\w*(?:[aií]r|br|dr|rr)ías",  # dirías, podrías; those in -erías are nouns (panaderías) or listed
    r"\w+(?:[aei]rte|[áéí]rte(?:l[oa]s?)|[áé]ndote(?:l[oa]s?)?)",  # ayudarte, decírtelo, esperándote
)
_CLAUSE = re.compile(r"(?:^|[.!…:;,«(\n]|\?|\by\b|\bo\b|\bpor favor\b|\bmejor\b|\bsolo\b)(?=\s*(\w+))", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_NAMED = re.compile(r"\bde tú\b", re.IGNORECASE)
"""Where tú is spoken of, not said: "hablar de tú"."""


def _verbs() -> frozenset[str]:
    soft = (re.sub("c$", "qu", re.sub("g$", "gu", re.sub("z$", "c", stem))) for stem in _LISTED["ar"])
    said = {f"{stem}as" for stem in _LISTED["ar"]} | {f"{stem}es" for stem in (*soft, *_LISTED["er_ir"])}
    return frozenset((said | _LISTED["others"]) - _LISTED["nouns"])


_WORDS = _LISTED["pronouns"] | _verbs()
_ATTACHED_CALLS = {call + pronoun for call in _LISTED["calls_with_pronoun"] for pronoun in _LISTED["attached"]}
_ENDS_AS_TU = re.compile("|".join(_ENDINGS))


def tu_forms(text: str) -> list[str]:
    """The words of the text that say tú to the reader, in their order; an empty list for a text that fits usted too."""
    said = _NAMED.sub("", text)
    words = [(found.start(), found[0].casefold()) for found in _WORD.finditer(said)]
    calls = {found.start(1) for found in _CLAUSE.finditer(said)}
    return [word for at, word in words if _says_tu(word) or (at in calls and word in _LISTED["calls"])]


def _says_tu(word: str) -> bool:
    if word in _LISTED["not_tu"]:
        return False
    return word in _WORDS or _ENDS_AS_TU.fullmatch(word) is not None or _calls_with_pronoun(word)


def _calls_with_pronoun(word: str) -> bool:
    """Whether it is an imperative with a pronoun at its end: cuéntame, escríbela. Such a word bears an accent, but for
    the shortest (dime, ponlo)."""
    plain = unicodedata.normalize("NFD", word.replace("ñ", "n"))
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return bare in _ATTACHED_CALLS and (bare != word or bare.startswith(("di", "da", "pon", "haz", "ve")))
