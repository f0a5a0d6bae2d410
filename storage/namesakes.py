"""How alike two names are: for whoever looks a woman up, and for whoever might register one twice.

* Accents, capitals, the order of given names and surnames, small words, common short forms and slips do not matter.
* An initial stands for a name, and the second surname may be missing where the year of birth is known to be the same.
* Nothing is decided here: two women can bear one name, and people say which they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


def nearness(sought: Sequence[str], said: Sequence[str]) -> float:
    """How near the words that are looked for come to what is said of a woman: 0 (some word is not there) to 100."""
    found = [max((_of_words(word, other) for other in said), default=0.0) for word in sought]
    return 0.0 if not found or min(found) < _NEAR else sum(found) / len(found)


def _of_words(word: str, other: str) -> float:
    if other.startswith(word):
        return 100.0 if word == other else 95.0
    return fuzz.ratio(word, other) if min(len(word), len(other)) > 2 else 0.0
