"""A choice that she typed instead of tapping: its number, its words, or yes and no as people say them.

* Clear only when her words, once folded, are the choice's own; a near spelling or a longer sentence is confirmed.
* A "no" in her words that the choice does not have (or the other way round) rules that choice out.
* Two choices that fit equally well are no choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable
from conversations.reading.words import entries, fold, normalise, sound


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a question: its stored name, the label that she reads, and other words that mean it."""

    name: str
    label: str
    aliases: tuple[str, ...] = ()


LONGEST_TEXT = 300
"""Characters; a longer message is a story, not a choice."""
_LEAST_SIMILAR = 82
"""Of 100, by rapidfuzz's ratio over the sounds: one wrong letter in a word of six, two in a word of twelve."""
_LEAST_LEAD = 6
"""How much nearer than the second the nearest choice must be."""
_AKIN = 75
"""From this ratio on a word may be a form of another ("trabajo", "trabajé")."""
_SHORTEST_MISSPELT = 4

_YES = set(
    entries("""
    si|sii|siii|sip|sipi|see|sep|claro|clarin|simon|aja|ajam|afirmativo|correcto|efectivamente|ok|okay|okey|sale|vale|dale
    cierto|yes|yep|yeah|obvio|exacto
    """)
)
_NO = set(entries("no|noo|nooo|nop|nope|noup|nel|nelson|nah|nones|negativo|nunca|jamas|tampoco"))
_NEGATIVE = set(entries("no|ni|sin|nunca|jamas|tampoco|nel|nop|nope|ningun|ninguno|ninguna|nada"))
_COURTESIES = set(
    entries("""
    ps|pues|pos|pss|pz|bueno|ay|uy|eh|mm|mmm|la|verdad|que|gracias|muchas|por|favor|porfa|señorita|amiga|jaja|jajaja|creo
    yo|desde|luego|supuesto|asi|es
    """)
)
_LIGHT_WORDS = _COURTESIES | set(
    entries("""
    a|al|ala|con|de|del|d|e|el|en|es|esa|ese|eso|esta|este|esto|la|las|lo|los|me|mi|mis|o|para|por|que|q|se|soy|su|un|una
    y|estoy|tengo|u|mas
    """)
)
_FIRMLY = re.compile(r"\b(?:claro|obvio|cierto) que (?=(?:si|no)\b)")
"""What only underlines the yes or no that follows: "claro que no" is a no."""
_POINTERS = _COURTESIES | set(entries("la|el|las|los|opcion|respuesta|numero|num|inciso|es|de|a"))
_ORDINALS = {
    word: place
    for place, words in enumerate(
        (
            "uno|una|primera|primero|primer|1a|1ra|1ro|1er|1o",
            "dos|segunda|segundo|2a|2da|2do|2o",
            "tres|tercera|tercero|tercer|3a|3ra|3ro|3er|3o",
            "cuatro|cuarta|cuarto|4a|4ta|4to|4o",
            "cinco|quinta|quinto|5a|5ta|5to",
            "seis|sexta|sexto|6a|6ta|6to",
            "siete|septima|septimo|7a|7ma|7mo",
            "ocho|octava|octavo|8a|8va|8vo",
            "nueve|novena|noveno|9a|9na|9no",
            "diez|decima|decimo|10a",
            "once",
            "doce",
        ),
        start=1,
    )
    for word in entries(words)
}
_LAST = {"ultima", "ultimo"}
_ALL, _BOTH = {"todas", "todos", "todo", "todas ellas"}, {"ambas", "ambos", "las dos", "los dos"}
_SEPARATORS = re.compile(r"\s*(?:[,;/+&\n]|\by tambien\b|\btambien\b|\by\b|\be\b|(?<=[0-9])\s(?=[0-9]))\s*")


def read_choice(text: str, options: Sequence[Option]) -> Reading[str]:
    """Return the name of the one option that `text` means; never raises."""
    if not text.strip():
        return Unclear(Unreadable.EMPTY)
    if len(text) > LONGEST_TEXT:
        return Unclear(Unreadable.TOO_LONG)
    said = normalise(text)
    for read in _WAYS:
        reading = read(said, options)
        if reading is not None:
            return reading
    return Unclear(Unreadable.NOT_A_CHOICE)


def read_choices(text: str, options: Sequence[Option]) -> Reading[tuple[str, ...]]:
    """Return the names of all the options that `text` means, in the options' order; never raises."""
    if not text.strip():
        return Unclear(Unreadable.EMPTY)
    if len(text) > LONGEST_TEXT:
        return Unclear(Unreadable.TOO_LONG)
    every = _all_of(normalise(text), options)
    if every is not None:
        return every
    found, sure = set(), True
    for part in _parts(text, options):
        match read_choice(part, options):
            case Clear(name):
                found.add(name)
            case Doubtful(name):
                found.add(name)
                sure = False
            case Unclear():
                return Unclear(Unreadable.NOT_A_CHOICE)
    names = tuple(option.name for option in options if option.name in found)
    return Clear(names) if sure else Doubtful(names)


def _all_of(said: str, options: Sequence[Option]) -> Reading[tuple[str, ...]] | None:
    names = tuple(option.name for option in options if not _is_negative(normalise(option.label)))
    if said in _BOTH and len(names) != 2:
        return None
    return Doubtful(names) if said in _ALL | _BOTH and _by_own_words(said, options) is None else None


def _parts(text: str, options: Sequence[Option]) -> list[str]:
    """Her list taken apart, but not within a label that has a comma or "y" of its own."""
    folded = fold(text.replace("\n", " , "))
    cuts = [(0, 0), *(match.span() for match in _SEPARATORS.finditer(folded)), (len(folded), len(folded))]
    longest = 1 + max((len(_SEPARATORS.findall(own)) for option in options for own in _spellings(option)), default=0)
    parts, first = [], 0
    while first < len(cuts) - 1:
        start = cuts[first][1]
        ends = range(min(first + longest, len(cuts) - 1), first + 1, -1)
        whole = (end for end in ends if _by_own_words(normalise(folded[start : cuts[end][0]]), options))
        last = next(whole, first + 1)
        parts.append(folded[start : cuts[last][0]])
        first = last
    return [part for part in parts if normalise(part)] or [folded]


def _spellings(option: Option) -> set[str]:
    return {normalise(spelling) for spelling in (option.label, *option.aliases)} - {""}


def _is_negative(said: str) -> bool:
    return not _NEGATIVE.isdisjoint(re.findall(r"\w+", said))


def _content(said: str) -> set[str]:
    """The words that tell one choice from another; none when only a yes or no is left ("no sé", "sí pero no")."""
    words = set(re.findall(r"\w+", said)) - _LIGHT_WORDS
    return words if words - _YES - _NO - _NEGATIVE - {"pero"} else set()


def _one_of(fitting: Sequence[Option], *, sure: bool) -> Reading[str] | None:
    if len(fitting) > 1:
        return Unclear(Unreadable.NOT_A_CHOICE)
    if not fitting:
        return None
    return Clear(fitting[0].name) if sure else Doubtful(fitting[0].name)


def _by_own_words(said: str, options: Sequence[Option]) -> Reading[str] | None:
    own = [option for option in options if said in _spellings(option)]
    own = own or [option for option in options if said.replace("_", " ") == option.name.replace("_", " ")]
    place = _place(said, options)
    return _one_of(own, sure=place is None or options[place] in own)


def _by_yes_or_no(said: str, options: Sequence[Option]) -> Reading[str] | None:
    words = set(re.findall(r"\w+", _FIRMLY.sub("", said))) - _COURTESIES
    if not words or not words <= _YES | _NO:
        return None
    if words & _YES and words & _NO:
        return Unclear(Unreadable.NOT_A_CHOICE)
    yes, no = _answering("si", options), _answering("no", options)
    return _one_of(yes if words & _YES else no, sure=bool(yes and no))


def _answering(word: str, options: Sequence[Option]) -> list[Option]:
    plain = [option for option in options if option.name == word or normalise(option.label) == word]
    return plain or [option for option in options if re.match(rf"{word}\b", normalise(option.label))]


def _place(said: str, options: Sequence[Option]) -> int | None:
    """The place in the list that she points at ("2", "la segunda", "opción dos"), from 0."""
    words = [word for word in said.replace("#", " ").split() if word not in _POINTERS]
    if len(words) != 1:
        return None
    word = words[0].strip(".)°ºª")
    number = int(word) if re.fullmatch("[0-9]{1,3}", word) else _ORDINALS.get(word, 0)
    number = len(options) if word in _LAST else number
    return number - 1 if 1 <= number <= len(options) else None


def _by_number(said: str, options: Sequence[Option]) -> Reading[str] | None:
    place = _place(said, options)
    if place is None:
        return None
    naming = [option for option in options if place + 1 in _numbers_in(option)]
    if naming and naming != [options[place]]:
        return Unclear(Unreadable.NOT_A_CHOICE)
    return Clear(options[place].name)


def _numbers_in(option: Option) -> set[int]:
    words = set(re.findall(r"\w+", normalise(option.label))) - {"una"}
    return {int(word) if word.isdecimal() else _ORDINALS.get(word, 0) for word in words}


def _by_some_words(said: str, options: Sequence[Option]) -> Reading[str] | None:
    """A word or two of a label, or a sentence that has all the words of one."""
    words = _content(said)
    alike = [
        (option, _content(spelling))
        for option in options
        for spelling in _spellings(option)
        if words and _is_negative(spelling) == _is_negative(said)
    ]
    part = list(dict.fromkeys(option for option, own in alike if words <= own))
    if part:
        return _one_of(part, sure=not any(_is_akin(words, other) for other in options if other not in part))
    return _one_of(list(dict.fromkeys(option for option, own in alike if own and own <= words)), sure=False)


def _is_akin(words: set[str], option: Option) -> bool:
    own = {word for spelling in _spellings(option) for word in _content(spelling)}
    return any(fuzz.ratio(word, other) >= _AKIN for word in words for other in own)


def _by_similarity(said: str, options: Sequence[Option]) -> Reading[str] | None:
    scored = sorted(((_similarity(said, option), at) for at, option in enumerate(options)), reverse=True)
    if not scored or scored[0][0] < (_LEAST_SIMILAR if len(said) >= _SHORTEST_MISSPELT else 100):
        return None
    if len(scored) > 1 and scored[0][0] - scored[1][0] < _LEAST_LEAD:
        return Unclear(Unreadable.NOT_A_CHOICE)
    return Doubtful(options[scored[0][1]].name)


def _similarity(said: str, option: Option) -> float:
    """The ratio of 0 to 100 between her words and the option's, whole or, for one word, word by word."""
    heard = " ".join(map(sound, said.split()))
    nearest = 0.0
    for spelling in _spellings(option):
        if _is_negative(spelling) == _is_negative(said):
            own = [spelling] + ([word for word in _content(spelling) if len(word) > 3] if " " not in said else [])
            nearest = max(nearest, *(fuzz.ratio(heard, " ".join(map(sound, word.split()))) for word in own))
    return nearest


_WAYS: tuple[Callable[[str, Sequence[Option]], Reading[str] | None], ...] = (
    _by_own_words,
    _by_yes_or_no,
    _by_number,
    _by_some_words,
    _by_similarity,
)
"""From the surest to the least sure; the first that finds an answer, or sees that there are two, decides."""
