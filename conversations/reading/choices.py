"""A choice that she typed instead of tapping: its number, its words, or yes and no as people say them.

* Clear only when she says a whole choice, or the words that only it has, with nothing but fillers around them.
* A denial in her words that the choice does not have (or the other way round) rules that choice out.
* Two choices that fit equally well are no choice; a greeting is none either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from conversations.reading.controls import read_control
from conversations.reading.courtesies import read_courtesy
from conversations.reading.labels import (
    FILLERS,
    Option,
    Signed,
    alternatives,
    bare,
    clauses,
    content,
    is_negative,
    own_content,
    rules_out,
    unfilled,
    wordings,
    words_of,
)
from conversations.reading.likeness import enlarged, is_akin, similarity, sounds_like
from conversations.reading.result import Clear, Doubtful, Reading, Unclear, Unreadable
from conversations.reading.words import entries, fold, normalise, sound
from conversations.reading.yes_no import COURTESIES, only_nods, yes_or_no

__all__ = ["LONGEST_TEXT", "Option", "read_choice", "read_choices"]

LONGEST_TEXT = 300
"""Characters; a longer message is a story, not a choice."""
_LEAST_SIMILAR = 82
"""Of 100, by rapidfuzz's ratio over the sounds: one wrong letter in a word of six, two in a word of twelve."""
_LEAST_LEAD = 6
"""How much nearer than the second the nearest choice must be."""

_NO_ANSWER = set(
    entries("pero|aunque|depende|se|segura|acuerdo|recuerdo|decir|decirlo|digo|quiero|entiendo|entendi|veces|o|si|no")
)
"""A sentence with one of these is neither yes nor no, though it begins with one."""
_POINTERS = COURTESIES | set(entries("la|el|las|los|opcion|respuesta|numero|num|inciso|es|de|a"))
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
_SEVERAL = re.compile(r"(?:las|los) (?:\d+|dos|tres|cuatro|cinco|seis)")
_ALL = {"todas", "todos", "todo", "todas ellas"}
_BOTH = re.compile(r"(?:amb[ao]s|(?:las|los) (?:dos|2))(?: cosas)?")
_SAYS_BOTH = re.compile(r"\b(?:amb[ao]s|las dos|los dos)\b")
_FOR_NOW = r"(?:por (?:ahora|ahorita|el momento|hoy)|ahorita|ahora|hoy)"
_NONE = re.compile(
    rf"(?:no )?(?:{_FOR_NOW} )?(?:no (?:(?:necesito|ocupo|hice|me falta) )?)?(?:de eso )?(?:nada|nadita|ningun[oa]s?)"
    rf"(?: de (?:l[ao]s (?:dos|tres|anteriores|opciones)|es[ao]s?|est[ao]s?|ell[ao]s|nada|lo anterior))?"
    rf"(?: {_FOR_NOW})?"
)
_SPELT = {
    sound(word): word
    for word in entries("no|nada|ninguno|ninguna|necesito|ocupo|hice|falta|ahora|ahorita|hoy|momento|eso|anterior")
}
"""The words of "none" by their sound: "nesecito" is "necesito"."""
_SAYS_NONE = re.compile(r"\b(?:nada|nadie|ningun[oa]?)\b|^no(?:,|$)")
_SAYS_NO = re.compile(r"\b(?:no|nada|nadie|ningun[oa]?|nunca)\b")
_SEPARATORS = re.compile(r"\s*(?:[,;/+&\n]|\by tambien\b|\btambien\b|\by\b|\be\b|(?<=[0-9])\s(?=[0-9]))\s*")


def read_choice(text: str, options: Sequence[Option]) -> Reading[str]:
    """Return the name of the one option that `text` means; never raises."""
    if (refused := _out_of_size(text)) is not None:
        return refused
    said = normalise(text)
    for read in _WAYS_OF_A_COURTESY if read_courtesy(text) is not None else _WAYS:
        reading = read(said, options)
        if reading is not None:
            return reading
    return Unclear(Unreadable.NOT_A_CHOICE)


def read_choices(text: str, options: Sequence[Option]) -> Reading[tuple[str, ...]]:
    """Return the names of all the options that `text` means, in the options' order; never raises."""
    if (refused := _out_of_size(text)) is not None:
        return refused
    said = normalise(text)
    for read in _WAYS_OF_A_WHOLE:
        match read(said, options):
            case Clear(name):
                return Clear((name,))
            case Doubtful(name):
                return Doubtful((name,))
            case _:
                pass
    every = _all_of(said, options)
    return _each_of(_parts(text, options), options) if every is None else every


def _out_of_size(text: str) -> Unclear | None:
    if not text.strip():
        return Unclear(Unreadable.EMPTY)
    return Unclear(Unreadable.TOO_LONG) if len(text) > LONGEST_TEXT else None


def _each_of(parts: list[str], options: Sequence[Option]) -> Reading[tuple[str, ...]]:
    found, sure = set(), True
    if len(parts) > 1 and yes_or_no(parts[0]) == Clear(True) and not _answering("si", options):
        parts = parts[1:]
    for part in parts:
        match read_choice(part, options):
            case Unclear():
                return Unclear(Unreadable.NOT_A_CHOICE)
            case Doubtful(name) if len(parts) > 1 and yes_or_no(part) is not None:
                return Unclear(Unreadable.NOT_A_CHOICE)
            case Clear(name) | Doubtful(name) as reading:
                found.add(name)
                sure = sure and isinstance(reading, Clear)
    names = tuple(option.name for option in options if option.name in found)
    return Clear(names) if sure else Doubtful(names)


def _all_of(said: str, options: Sequence[Option]) -> Reading[tuple[str, ...]] | None:
    names = tuple(option.name for option in options if not is_negative(normalise(option.label)))
    return Doubtful(names) if said in _ALL or (len(names) == 2 and _BOTH.fullmatch(said)) else None


def _parts(text: str, options: Sequence[Option]) -> list[str]:
    """Her list taken apart, but not within a label that has a comma or "y" of its own."""
    folded = fold(text.replace("\n", " , "))
    cuts = [(0, 0), *(match.span() for match in _SEPARATORS.finditer(folded)), (len(folded), len(folded))]
    longest = 1 + max((len(_SEPARATORS.findall(own)) for option in options for own in wordings(option)), default=0)
    parts, first = [], 0
    while first < len(cuts) - 1:
        start = cuts[first][1]
        ends = range(min(first + longest, len(cuts) - 1), first + 1, -1)
        whole = (end for end in ends if _by_own_words(normalise(folded[start : cuts[end][0]]), options))
        last = next(whole, first + 1)
        parts.append(folded[start : cuts[last][0]])
        first = last
    parts = [part for part in parts if normalise(part)]
    return [part.removeprefix("las ").removeprefix("los ") for part in parts] if len(parts) > 1 else [folded]


def _one_of(fitting: Sequence[Option], *, sure: bool) -> Reading[str] | None:
    if len(fitting) > 1:
        return Unclear(Unreadable.NOT_A_CHOICE)
    if not fitting:
        return None
    return Clear(fitting[0].name) if sure else Doubtful(fitting[0].name)


def _by_own_words(said: str, options: Sequence[Option]) -> Reading[str] | None:
    own = [option for option in options if bare(said) in map(bare, wordings(option))]
    trimmed = unfilled(said)
    own = own or [option for option in options if trimmed and trimmed in map(unfilled, wordings(option))]
    place = _place(said, options)
    return _one_of(own, sure=place is None or options[place] in own)


def _by_its_name(said: str, options: Sequence[Option]) -> Reading[str] | None:
    """The stored name, which is not what she reads: near enough to be asked about."""
    named = [option for option in options if said.replace("_", " ") == option.name.replace("_", " ")]
    return _one_of([option for option in named if is_negative(said) or not is_negative(option.label)], sure=False)


def _by_a_courtesy(said: str, options: Sequence[Option]) -> Reading[str] | None:
    """A choice that is itself such a word ("bien, gracias", "ok, va")."""
    own = [option for option in options if any(_holds(said, wording) for wording in wordings(option))]
    known = {word for option in own for wording in wordings(option) for word in words_of(wording)}
    return _one_of(own, sure=known.issuperset(set(words_of(said)) - COURTESIES))


def _holds(said: str, wording: str) -> bool:
    return f" {bare(wording)} " in f" {bare(said)} " and not rules_out(said, wording)


def _by_sound(said: str, options: Sequence[Option]) -> Reading[str] | None:
    return _one_of([option for option in options if sounds_like(said, option)], sure=False)


def _by_yes_or_no(said: str, options: Sequence[Option]) -> Reading[str] | None:
    reading = yes_or_no(said)
    if reading is None or isinstance(reading, Unclear):
        return reading
    answering = _answering("si" if reading.value else "no", options)
    plain = [option for option in answering if _is_just("si" if reading.value else "no", option)]
    if only_nods(said) and not plain:
        return None
    both = _answering("no" if reading.value else "si", options)
    return _one_of(answering, sure=bool(plain or both) and isinstance(reading, Clear))


def _by_a_beginning(said: str, options: Sequence[Option]) -> Reading[str] | None:
    """A sentence that begins with yes or no ("sí un poquito", "no tengo"), where both are choices."""
    first, *rest = [word for word in words_of(said) if word not in COURTESIES] or [""]
    yes, no = _answering("si", options), _answering("no", options)
    if not (yes and no and rest) or first not in {"si", "no"} or not _NO_ANSWER.isdisjoint(rest):
        return None
    elsewhere = {word for option in options for word, _ in own_content(option)}
    return _one_of(yes if first == "si" else no, sure=False) if elsewhere.isdisjoint(rest) else None


def _answering(word: str, options: Sequence[Option]) -> list[Option]:
    plain = [option for option in options if _is_just(word, option)]
    return plain or [option for option in options if re.match(rf"{word}\b", normalise(option.label))]


def _is_just(word: str, option: Option) -> bool:
    return option.name == word or word in wordings(option)


def _by_none(said: str, options: Sequence[Option]) -> Reading[str] | None:
    """ "Ninguna", where a choice says so; sure where no other denies anything."""
    spelt = " ".join(_SPELT.get(sound(word), word) for word in bare(said).split())
    if not (_NONE.fullmatch(unfilled(spelt)) or _NONE.fullmatch(spelt)):
        return None
    denying = [
        option for option in options if _SAYS_NO.search(normalise(option.label)) and read_control(option.label) is None
    ]
    saying = [option for option in denying if _SAYS_NONE.search(normalise(option.label))]
    beginning = [option for option in denying if normalise(option.label).startswith("no ")]
    return _one_of(saying or beginning, sure=len(denying) == len(saying) == 1)


def _by_both(said: str, options: Sequence[Option]) -> Reading[str] | None:
    """ "Los dos", where a choice says so; as a number it is none."""
    trimmed = unfilled(said)
    both = [option for option in options if any(map(_SAYS_BOTH.search, wordings(option)))]
    if both and _BOTH.fullmatch(trimmed):
        return _one_of([option for option in both if not is_negative(normalise(option.label))], sure=True)
    return Unclear(Unreadable.NOT_A_CHOICE) if _SEVERAL.fullmatch(trimmed) else None


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
    words = set(words_of(normalise(option.label))) - {"una"}
    return {int(word) if word.isdecimal() else _ORDINALS.get(word, 0) for word in words}


def _by_some_words(said: str, options: Sequence[Option]) -> Reading[str] | None:
    """A word or two of a label, or a sentence that has all the words of one."""
    words = content(said)
    if not words:
        return None
    alike = [(option, wording) for option in options for wording in wordings(option) if not rules_out(said, wording)]
    part = list(dict.fromkeys(option for option, wording in alike if words <= content(wording)))
    if part:
        return _of_a_part(said, part, options=options)
    known = frozenset(word for option in options for word, _ in own_content(option))
    whole = list(dict.fromkeys(option for option, wording in alike if _has_whole(said, wording, known=known)))
    if whole and any(_is_alone_with(words, option, among=options) for option in options if option not in whole):
        return Unclear(Unreadable.NOT_A_CHOICE)
    return _one_of(whole, sure=False)


def _has_whole(said: str, wording: str, *, known: frozenset[str]) -> bool:
    """Whether all of the wording, or of an alternative, is in her words, and none of the others denies a choice."""
    words = content(said)
    within = [own for own in map(content, [wording, *alternatives(wording)]) if own and own <= words]
    return any(known.isdisjoint(word for word, denied in words - own if denied) for own in within)


def _of_a_part(said: str, part: Sequence[Option], *, options: Sequence[Option]) -> Reading[str] | None:
    """Of the options that have all her words: the only one, if no other has them too or others that are akin."""
    if len(part) > 1:
        return Unclear(Unreadable.NOT_A_CHOICE)
    others = [signed for other in options if other not in part for signed in own_content(other)]
    telling = content(said).difference(others, ((word, False) for word, _ in others))
    doubted = is_akin(telling, others)
    if _says_it_whole(said, part[0], besides=others):
        return _one_of(part, sure=not doubted)
    return _one_of(part, sure=False) if telling and not doubted else Unclear(Unreadable.NOT_A_CHOICE)


def _says_it_whole(said: str, option: Option, *, besides: Sequence[Signed]) -> bool:
    """Whether she says all that only this option has, and nothing but fillers besides."""
    words = content(said)
    for wording in wordings(option):
        own = content(wording)
        enough = [own]
        if len(clauses(wording)) == 1:
            enough.append(own.difference(besides))
        if any(some and some <= words for some in enough) and not rules_out(said, wording):
            return FILLERS.union(words_of(wording)).issuperset(words_of(said))
    return False


def _is_alone_with(words: frozenset[Signed], option: Option, *, among: Sequence[Option]) -> bool:
    """Whether she used a word that only this option has."""
    others = {signed for other in among if other is not option for signed in own_content(other)}
    return not words.isdisjoint(own_content(option) - others)


def _by_a_small_word(said: str, options: Sequence[Option]) -> Reading[str] | None:
    """The same said small ("solita"); sure of nothing."""
    meant = enlarged(bare(said), {word for option in options for word, _ in own_content(option)})
    reading = (_by_own_words(meant, options) or _by_some_words(meant, options)) if meant != bare(said) else None
    return Doubtful(reading.value) if isinstance(reading, Clear) else reading


def _by_similarity(said: str, options: Sequence[Option]) -> Reading[str] | None:
    scored = sorted(((similarity(said, option), at) for at, option in enumerate(options)), reverse=True)
    if not scored or scored[0][0] < _LEAST_SIMILAR:
        return None
    if len(scored) > 1 and scored[0][0] - scored[1][0] < _LEAST_LEAD:
        return Unclear(Unreadable.NOT_A_CHOICE)
    return Doubtful(options[scored[0][1]].name)


_Way = Callable[[str, Sequence[Option]], Reading[str] | None]
_WAYS_OF_A_WHOLE: tuple[_Way, ...] = (_by_own_words, _by_yes_or_no, _by_none, _by_both)
_WAYS_OF_A_COURTESY: tuple[_Way, ...] = (_by_own_words, _by_yes_or_no, _by_a_courtesy, _by_sound)
_WAYS: tuple[_Way, ...] = (
    *_WAYS_OF_A_WHOLE,
    _by_number,
    _by_some_words,
    _by_a_small_word,
    _by_its_name,
    _by_similarity,
    _by_a_beginning,
)
"""From the surest to the least sure; the first that finds an answer, or sees that there are two, decides."""
