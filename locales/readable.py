"""Whether a text reads easily on an old phone: its INFLESZ score, its sentences, its length.

* Spanish texts of 20 words or more score 65 or more ("bastante fácil"), no sentence has more than 15 words, and no
  message in any language more than 300 characters.
* A question is read as she sees it: its label with its hint.
* What can't be said more simply stands in `readability_exceptions.toml` with the reason; an exception that nothing
  needs is a problem itself.

The score is Szigriszt-Pazos' perspicuity, 206.835 − 62.3 · syllables/words − words/sentences, on the INFLESZ scale
(Barrio-Cantalejo et al. 2008). Syllables are counted here because no library fits. Of 111 hand-counted words of the
kind that Hilo says (tests/unit/test_readable.py) textstat gets 61 right: it counts Pyphen's places for hyphens, which
are fewer, so hard texts score as easy ones, and it brings nltk. pylabeador gets all of them, under the GPL;
silabeador (LGPL) breaks on "Telegram". This counter gets all 111.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from locales.address import tu_forms
from locales.catalog import SPANISH, USTED
from locales.previews import first_line, giveaways

LEAST_SCORE = 65.0
SCORED_FROM = 20
"""Words; a shorter text has too few for the score to mean anything."""

MAX_WORDS = 15
MAX_CHARACTERS = 300
ABOVE_A_QUESTION = "10 de 10\n\n"
"""Stands over every question and counts in its length."""

EXCEPTIONS = Path(__file__).parent / "readability_exceptions.toml"
SCORE, SENTENCE, LENGTH = "score", "sentence", "length"
RULES = (SCORE, SENTENCE, LENGTH)
NOTE = "note"
"""The XLSForm type whose label is the first thing that she sees of it."""

_SPANISH = (SPANISH, USTED)
_SHORT_VALUE, _NUMBER = "Rosa", "cinco"
"""What stands for a value and for a number in figures: a word of two syllables."""

_FIELD = re.compile(r"\{\w+\}")
_FIGURES = re.compile(r"\d+(?:[.,:/]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\W|$)|\n")

_SILENT_U = re.compile(r"qu(?=[eiéí])|(?<=g)u(?=[eiéí])")
_VOWEL_Y = re.compile(r"y(?![aeiouáéíóúü])")
_SILENT_H = re.compile(r"(?<=[aeiouáéíóúü])h(?=[aeiouáéíóúü])")
_NUCLEUS = re.compile(r"[iuü]?[aeoáéó](?:[iuü](?![aeoáéóíú]))?|[íú]|[iuü]+")
"""Strong vowels stand alone and take weak ones beside them with them; a weak vowel with an accent stands alone."""


def syllables(word: str) -> int:
    """How many syllables a Spanish word has; at least one."""
    spoken = _SILENT_U.sub("", word.casefold())
    spoken = _SILENT_H.sub("", _VOWEL_Y.sub("i", spoken))
    return max(1, len(_NUCLEUS.findall(spoken)))


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence; a line break ends one, and a value in figures is a word."""
    plain = _FIGURES.sub(_NUMBER, _FIELD.sub(_SHORT_VALUE, text))
    return [words for part in _SENTENCE_END.split(plain) if (words := _WORD.findall(part))]


def score(text: str) -> float:
    """The perspicuity of a Spanish text, from about 0 (hard) to over 100 (easy). Raises ValueError without words."""
    found = sentences(text)
    words = [word for sentence in found for word in sentence]
    if not words:
        raise ValueError("a text without words has no score")
    return 206.835 - 62.3 * sum(map(syllables, words)) / len(words) - len(words) / len(found)


@dataclass(frozen=True, slots=True)
class Hard:
    """What makes a text hard: the rule that it breaks, and how, in words."""

    rule: str
    told: str


def hard(text: str, language: str, *, above: str = "") -> Iterator[Hard]:
    """The rules that a message in this language breaks; `above` is what stands over it and counts in its length."""
    length = len(above) + len(_FIELD.sub(_SHORT_VALUE, text))
    if length > MAX_CHARACTERS:
        yield Hard(LENGTH, f"has {length} characters (at most {MAX_CHARACTERS}): split it")
    if language not in _SPANISH:
        return
    found = sentences(text)
    for words in found:
        if len(words) > MAX_WORDS:
            begun = " ".join(words[:4])
            yield Hard(SENTENCE, f"has a sentence of {len(words)} words (at most {MAX_WORDS}): “{begun} …”")
    if sum(map(len, found)) >= SCORED_FROM and (reached := score(text)) < LEAST_SCORE:
        yield Hard(SCORE, f"scores {reached:.0f} (at least {LEAST_SCORE:.0f}): use shorter words and sentences")


# --- exceptions


class Exceptions:
    """Texts that may break a rule, by key and rule, each with its reason. Keeps in mind which were needed."""

    def __init__(self, path: Path = EXCEPTIONS) -> None:
        self._reasons: Mapping[str, Mapping[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
        self._needed: set[tuple[str, str]] = set()

    def left(self, key: str, found: Iterable[Hard]) -> Iterator[str]:
        """What of this is excused by no exception, in words."""
        for one in found:
            if one.rule in self._reasons.get(key, ()):
                self._needed.add((key, one.rule))
            else:
                yield one.told

    def problems(self) -> Iterator[str]:
        """What is wrong with the list, once every text has been looked at."""
        for key, rules in self._reasons.items():
            for rule, reason in rules.items():
                if rule not in RULES:
                    yield f"{EXCEPTIONS.name}: {key} names the rule {rule!r}: use one of {', '.join(RULES)}"
                elif not reason.strip():
                    yield f"{EXCEPTIONS.name}: {key} gives no reason for {rule}"
                elif (key, rule) not in self._needed:
                    yield f"{EXCEPTIONS.name}: {key} needs no exception from {rule} any more: remove it"


# --- instruments

Text = Mapping[str, str]


class Offered(Protocol):
    """What is read of a choice."""

    @property
    def label(self) -> Text: ...


class Asked(Protocol):
    """What is read of a question."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def label(self) -> Text: ...
    @property
    def hint(self) -> Text | None: ...
    @property
    def constraint_message(self) -> Text | None: ...
    @property
    def audio(self) -> Text | None: ...
    @property
    def choices(self) -> Sequence[Offered]: ...


class Questionnaire(Protocol):
    """What is read of an instrument."""

    @property
    def name(self) -> str: ...
    @property
    def questions(self) -> Sequence[Asked]: ...


def instrument_problems(instrument: Questionnaire, exceptions: Exceptions | None = None) -> list[str]:
    """What is hard to read in an instrument, would show on a locked screen, or says tú to whoever asked for usted.

    One line for each problem, beginning with the question's name. An instrument without any text for usted is asked
    as it stands of everybody; one that has some needs them all.
    """
    excused = Exceptions() if exceptions is None else exceptions
    formal = any(USTED in text for question in instrument.questions for text in _texts(question))
    found: list[str] = []
    for question in instrument.questions:
        for language in dict.fromkeys(language for text in _texts(question) for language in text):
            problems = list(
                _asked_problems(question, language, excused=excused, key=f"{instrument.name}.{question.name}")
            )
            found += [f"{question.name} ({language}): {told}" for told in problems]
        if formal:
            found += [f"{question.name} ({SPANISH}): {told}" for told in _informal(question)]
    return found


def unprompted(instrument: Questionnaire) -> list[str]:
    """The questions that have a text and no recorded prompt, by name."""
    return [question.name for question in instrument.questions if question.label and not question.audio]


def _texts(question: Asked) -> list[Text]:
    return [text for text in (question.label, question.hint, question.constraint_message) if text]


def _asked_problems(question: Asked, language: str, *, excused: Exceptions, key: str) -> Iterator[str]:
    """What is wrong with a question as it shows in one language, and with what is said to an answer that can't be."""
    above = "" if question.type == NOTE else ABOVE_A_QUESTION
    asked = "\n".join(_in(text, language) for text in (question.label, question.hint) if text)
    for text, over in ((asked, above), (_in(question.constraint_message or {}, language), "")):
        yield from excused.left(key, hard(text, language, above=over))
        yield from (f"says “{word}” in its first line" for word in giveaways(first_line(over + text)))
        if language == USTED:
            yield from (f"says tú: “{word}”" for word in tu_forms(text))


def _in(text: Text, language: str) -> str:
    return text.get(language) or text.get(SPANISH) or next(iter(text.values()), "")


def _informal(question: Asked) -> Iterator[str]:
    for text in (*_texts(question), *(choice.label for choice in question.choices)):
        if USTED not in text and (forms := tu_forms(text.get(SPANISH, ""))):
            yield f"says tú (“{forms[0]}”) and has no text for usted: add the column Español de usted ({USTED})"
