"""How near her words come to a choice that they do not quite say: misspelt, run together, or made small.

* Sounds are compared, not letters; nearness alone never settles a choice.
* A word of four letters is another word with one of them changed ("hola", "sola"): two of them may be swapped, or one
  left out of a longer word ("nrte"), and no more.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from conversations.reading.labels import Option, Signed, bare, content, is_negative, wordings
from conversations.reading.words import sound

_AKIN = 75
"""Of 100, by rapidfuzz's ratio: from here on a word may be a form of another ("trabajo", "trabajé")."""
_LEAST_JOINED = 90
"""The same, of the whole, where she put the spaces elsewhere."""
_SHORT, _SHORTEST_SWAPPED = 4, 3
_SMALL = re.compile(r"(?P<stem>\w{2,})it(?P<end>[ao]s?)")


def similarity(said: str, option: Option) -> float:
    """The ratio of 0 to 100 between her words and the option's, whole or, for one word, word by word."""
    heard = _sounds(said)
    nearest = 0.0
    for wording in wordings(option):
        if is_negative(wording) == is_negative(said):
            own = [wording]
            if len(heard) == 1:
                own += [word for word, denied in content(wording) if len(word) > 2 and not denied]
            nearest = max(nearest, *(_of_phrases(heard, _sounds(words)) for words in own))
    return nearest


def sounds_like(said: str, option: Option) -> bool:
    """Whether her words are the option's, however they are spelt."""
    return any(_sounds(said) == _sounds(wording) for wording in wordings(option))


def _sounds(said: str) -> list[str]:
    return [sound(word) for word in bare(said).split()]


def _of_phrases(heard: list[str], own: list[str]) -> float:
    if len(heard) != len(own):
        joined = fuzz.ratio("".join(heard), "".join(own))
        return joined if joined >= _LEAST_JOINED and min(len("".join(heard)), len("".join(own))) > _SHORT else 0.0
    if not all(map(_is_near, heard, own)):
        return 0.0
    same = [other if _is_swapped(word, other) else word for word, other in zip(heard, own, strict=True)]
    return fuzz.ratio(" ".join(same), " ".join(own))


def _is_near(word: str, other: str) -> bool:
    if word == other or _is_swapped(word, other):
        return True
    if min(len(word), len(other)) <= _SHORT:
        return max(len(word), len(other)) > _SHORT and Indel.distance(word, other) == 1
    return fuzz.ratio(word, other) >= _AKIN


def _is_swapped(word: str, other: str) -> bool:
    """Whether two neighbouring letters have changed places."""
    if len(word) != len(other) or len(word) < _SHORTEST_SWAPPED:
        return False
    apart = [place for place, letter in enumerate(word) if letter != other[place]]
    return len(apart) == 2 and apart[1] - apart[0] == 1 and sorted(word) == sorted(other)


def is_akin(words: Collection[Signed], others: Collection[Signed]) -> bool:
    """Whether a word of hers may be a form of one of the others, said with the same sign."""
    return any(
        denies == denied and min(len(word), len(own)) > _SHORT and fuzz.ratio(word, own) >= _AKIN
        for word, denies in words
        for own, denied in others
    )


def enlarged(said: str, known: Collection[str]) -> str:
    """Her words with each diminutive of a known word turned into that word ("solita", "sola")."""
    return " ".join(_enlarged(word, known) for word in said.split())


def _enlarged(word: str, known: Collection[str]) -> str:
    small = _SMALL.fullmatch(word)
    if small is None:
        return word
    stem = re.sub(r"qu$", "c", re.sub(r"gu$", "g", small["stem"]))
    return stem + small["end"] if stem + small["end"] in known else word
