"""How alike two names are: for whoever looks a woman up, and for whoever might register one twice.

* Accents, capitals, the order of given names and surnames, small words, common short forms and slips do not matter.
* An initial stands for a name, and the second surname may be missing where the year of birth is known to be the same.
* Nothing is decided here: two women can bear one name, and people say which they mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from storage.imports.cells import folded

SMALL_WORDS = frozenset({"de", "del", "la", "las", "los", "y"})
SHORT_FORMS = {
    **{"ma": "maria", "mª": "maria", "gpe": "guadalupe", "lupe": "guadalupe", "lupita": "guadalupe"},
    **{"fca": "francisca", "fco": "francisco", "ant": "antonia", "mtz": "martinez", "hdz": "hernandez"},
    **{"hdez": "hernandez", "glez": "gonzalez", "gzz": "gonzalez", "rdz": "rodriguez", "rguez": "rodriguez"},
    **{"lpz": "lopez", "rmz": "ramirez", "sz": "sanchez", "schz": "sanchez", "grcia": "garcia", "fdz": "fernandez"},
}
"""What people write for a name, and the name."""

LEAST_WHOLE = 2
"""Names that must agree in full, initials apart."""

_SLIPS = ((8, 2), (4, 1))
"""From how many letters on how many slips make no other name."""

_WORTH_A_LOOK = 50
"""Of 100, by rapidfuzz's ratio of the sorted words: below, two names are hardly alike ("maria lopez" and a name of four
words with both reach 55)."""

_NEAR = 75
"""The same, of one word that is looked for: a slip in four letters ("rsoa")."""


def parts(name: str) -> tuple[str, ...]:
    """The names of a name, written out and without the small words."""
    return tuple(SHORT_FORMS.get(word, word) for word in folded(name).split() if word not in SMALL_WORDS)


def alike(one: str, other: str, *, partly: bool) -> bool:
    """Whether both may be one woman's name; with `partly` one of them may leave names out."""
    return _alike(parts(one), parts(other), partly=partly)


def _alike(one: Sequence[str], other: Sequence[str], *, partly: bool) -> bool:
    fewer, more = sorted((one, other), key=len)
    if len(fewer) < LEAST_WHOLE or (len(fewer) < len(more) and not partly):
        return False
    left, whole = list(more), 0
    for word in sorted(fewer, key=len, reverse=True):
        found = word if word in left else next((name for name in left if _is_one(word, name)), None)
        if found is None:
            return False
        left.remove(found)
        whole += len(word) > 1 and len(found) > 1
    return whole >= LEAST_WHOLE


def _is_one(word: str, name: str) -> bool:
    if len(word) == 1 or len(name) == 1:
        return word[0] == name[0]
    if not (word.isalpha() and name.isalpha()):
        return False  # a number says more than one letter of a name does
    slips = next((slips for letters, slips in _SLIPS if min(len(word), len(name)) >= letters), 0)
    return OSA.distance(word, name, score_cutoff=slips) <= slips


@dataclass(frozen=True, slots=True)
class Named:
    """A woman as far as she is compared: an id of the caller's, her name, her year of birth where it is known."""

    id: int
    name: str
    birth_year: int | None = None


class Namesakes:
    """Women who are known, by what they are called."""

    def __init__(self, known: Iterable[Named]) -> None:
        self._known = list(known)
        self._parts = [parts(one.name) for one in self._known]
        self._sorted = [" ".join(sorted(words)) for words in self._parts]

    def of(self, her: Named) -> list[Named]:
        """Who of them may be her: by name, and not by a year of birth that is known to be another."""
        words = parts(her.name)
        sought = " ".join(sorted(words))
        near = process.extract(sought, self._sorted, scorer=fuzz.ratio, score_cutoff=_WORTH_A_LOOK, limit=None)
        found = sorted(place for _, _, place in near if self._may_be(her, words, place=place))
        return [self._known[place] for place in found]

    def _may_be(self, her: Named, words: Sequence[str], *, place: int) -> bool:
        years = (her.birth_year, self._known[place].birth_year)
        known = None not in years
        return not (known and years[0] != years[1]) and _alike(words, self._parts[place], partly=known)


_COMMON = 50
"""A name of more women than that says of none that she is another; nor do words to which so many others are added."""

_LONGEST = 6
"""Words of a name that may have been shortened."""

Known = Sequence[tuple[Named, tuple[str, ...]]]
"""Women with the words of their names, sorted."""


def pairs(them: Iterable[Named]) -> list[tuple[Named, Named]]:
    """Who of these may be one woman registered twice, each pair once. Found are names that differ in one word at most,
    or of which one leaves words out where the year of birth is the same; a name of many women is passed over."""
    known = [(one, tuple(sorted(words))) for one in them if len(words := parts(one.name)) >= LEAST_WHOLE]
    near = {(min(a, b), max(a, b)) for found in (_one_word_apart(known), _shortened(known)) for a, b in found}
    return [(known[a][0], known[b][0]) for a, b in sorted(near) if _may_be_one(known[a], known[b])]


def _one_word_apart(known: Known) -> Iterator[tuple[int, int]]:
    """Places of women whose names are the same but for one word, which may be one."""
    crowds: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for place, (_, words) in enumerate(known):
        for left in range(len(words)):
            crowds[hash((len(words), *words[:left], *words[left + 1 :]))].append((place, left))
    for crowd in crowds.values():
        by_word: defaultdict[str, set[int]] = defaultdict(set)
        for place, left in crowd if len(crowd) > 1 else ():
            by_word[known[place][1][left]].add(place)
        few = {word: places for word, places in by_word.items() if len(places) <= _COMMON}
        for places in few.values():
            yield from combinations(places, 2)
        for one, other in combinations(few, 2) if len(few) <= _COMMON else ():
            if _are_one(one, other):
                yield from ((a, b) for a, b in product(few[one], few[other]) if a != b)


_are_one = lru_cache(maxsize=1 << 16)(_is_one)


def _shortened(known: Known) -> Iterator[tuple[int, int]]:
    """Places of women born in one year of whom one bears the names of the other, and more."""
    short: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, (one, words) in enumerate(known):
        if one.birth_year is not None:
            short[one.birth_year, *words].append(place)
    for place, (one, words) in enumerate(known):
        sizes = range(LEAST_WHOLE, len(words)) if one.birth_year is not None and len(words) <= _LONGEST else ()
        for some in {some for size in sizes for some in combinations(words, size)}:
            yield from ((place, other) for other in short.get((one.birth_year, *some), ())[:_COMMON])


def _may_be_one(one: tuple[Named, Sequence[str]], other: tuple[Named, Sequence[str]]) -> bool:
    years = {her.birth_year for her, _ in (one, other)}
    return len(years - {None}) <= 1 and _alike(one[1], other[1], partly=None not in years)


def nearness(sought: Sequence[str], said: Sequence[str]) -> float:
    """How near the words that are looked for come to what is said of a woman: 0 (some word is not there) to 100."""
    found = [max((_of_words(word, other) for other in said), default=0.0) for word in sought]
    return 0.0 if not found or min(found) < _NEAR else sum(found) / len(found)


def _of_words(word: str, other: str) -> float:
    if other.startswith(word):
        return 100.0 if word == other else 95.0
    return fuzz.ratio(word, other) if min(len(word), len(other)) > 2 else 0.0
