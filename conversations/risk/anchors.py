"""Rules one by one, and which words each cannot do without: at least one of its anchors stands in all that it matches.

* A text without an anchor of any rule is left at once; so most texts cost next to nothing.
* Of the sets that would do, the one with the fewest and rarest words is taken: what is said all day is a poor anchor.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_TOKEN = re.compile(r"(?P<gap>\(\?:\\S\+ \)\{0,3\}\?)|(?P<word>[a-zñč]+) |(?P<sign>\(\?:|[)|?*])")
_COMMON = 50
"""How many rare words a common one weighs."""

_Anchors = frozenset[str] | None
"""None: it may be said without any word that could be named."""


def single(rules: str) -> Iterator[str]:
    """Each alternative of an expression that `Tables.rules` made, as an expression by itself."""
    depth, start = 0, 0
    whole = rules.removeprefix("(?:").removesuffix(")")
    for at, char in enumerate(whole):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            yield whole[start:at]
            start = at + 1
    yield whole[start:]


def anchors(rules: str, common: Collection[str]) -> frozenset[str]:
    """The anchors of an expression that `Tables.rules` made, chosen as far as may be among words that are not `common`.

    Raises ValueError where there are none.
    """
    found = _alternatives(_TOKEN.finditer(rules), common)
    if found is None:
        raise ValueError("may be said with words of any kind")
    return found


def _alternatives(tokens: Iterator[re.Match[str]], common: Collection[str]) -> _Anchors:
    """Of what stands up to the end, or to the bracket that closes it: any alternative may be the one said."""
    every: list[_Anchors] = []
    said: list[_Anchors] = []
    for token in tokens:
        if token["word"]:
            said.append(frozenset({token["word"]}))
        elif token["sign"] == "(?:":
            said.append(_alternatives(tokens, common))
        elif token["sign"] in ("?", "*"):
            said.pop()
        elif token["sign"] == "|":
            every.append(_rarest(said, common))
            said = []
        elif token["sign"] == ")":
            break
    every.append(_rarest(said, common))
    return None if None in every else frozenset().union(*(one for one in every if one is not None))


def _rarest(said: Collection[_Anchors], common: Collection[str]) -> _Anchors:
    named = [one for one in said if one is not None]
    return min(named, key=lambda words: sum(_COMMON if word in common else 1 for word in words), default=None)
