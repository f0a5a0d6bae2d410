"""Messages that only keep in touch: a greeting, thanks, "ok", an emoji. They ask for nothing and tell nothing.

* Only a message made of such words alone counts: "hola, necesito hablar" is no greeting.
* A word that could be an answer to someone, or tell how she really is ("mal", "más o menos"), stands on no list.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from conversations.reading.words import entries, fold, sound


class Courtesy(StrEnum):
    """What such a message is; the first of these that it holds."""

    THANKS = "thanks"
    GREETING = "greeting"
    NOD = "nod"


_PHRASES = {
    Courtesy.THANKS: """
        gracias|muchas gracias|mil gracias|muchisimas gracias|graciass|grax|grcs|gracias a ti|gracias a usted
        gracias a ustedes|te agradezco|se lo agradezco|les agradezco|se agradece|muy amable|que amable|thanks|thank you
        """,
    Courtesy.GREETING: """
        hola|holi|holis|holaa|ola|oli|hey|ey|buenas|muy buenas|buenos dias|buen dia|bonito dia|buenas tardes
        buena tarde|bonita tarde|saludos|un saludo|saluditos|que tal|como estas|como esta|como estan|como te va
        como le va|que onda|hello|hi|good morning|good afternoon
        """,
    Courtesy.NOD: """
        ok|okay|okey|oki|okis|okk|vale|va|sale|sale pues|va pues|esta bien|muy bien|bien|todo bien|claro|claro que si
        perfecto|excelente|listo|enterada|entendido|de acuerdo|si|sip|simon|no|nop|nel|aja|jaja|ah ok|bueno|adios|bye
        hasta luego|hasta mañana|nos vemos|buenas noches|bonita noche|buena noche|cuidate|cuidese
        igualmente|tu tambien|usted tambien|bendiciones|dios te bendiga|dios la bendiga|dios los bendiga
        que dios te bendiga|que dios la bendiga|que dios los bendiga|que descanses|que este bien|que estes bien
        good night|yes
        """,
}
_BESIDE = entries("y|a todas|a todos|amiga|amigas|maestra|señorita|seño|lic|licenciada|doctora|jefa|equipo|tambien")

_SOUNDS = {tuple(map(sound, phrase.split())): kind for kind, table in _PHRASES.items() for phrase in entries(table)}
_NEUTRAL = frozenset(tuple(map(sound, phrase.split())) for phrase in _BESIDE)
_LAUGHTER = re.compile(r"(?:j+[aei]+)+j*")
_LONGEST = max(map(len, (*_SOUNDS, *_NEUTRAL)))

_PICTURES = frozenset({"So", "Sk", "Mn", "Me", "Cf", "Zs"})
"""Unicode categories of emoji, their joiners and skin tones, and the spaces between them."""


def read_courtesy(text: str) -> Courtesy | None:
    """What `text` is when all of it only keeps in touch, else None. A picture or two alone is a nod."""
    said = re.findall(r"\w+", fold(text))
    words = tuple(sound("jaja" if _LAUGHTER.fullmatch(word) else word) for word in said)
    if not words:
        return Courtesy.NOD if _is_picture(text) else None
    found = _taken_apart(words)
    kinds = None if found is None else [kind for kind in Courtesy if kind in found]
    return kinds[0] if kinds else None


def _is_picture(text: str) -> bool:
    categories = {unicodedata.category(char) for char in text}
    return "So" in categories and categories <= _PICTURES


def _taken_apart(words: tuple[str, ...]) -> set[Courtesy] | None:
    """The kinds of the phrases that `words` consist of, the longest phrase first at each place; None if any is left."""
    found: set[Courtesy] = set()
    start = 0
    while start < len(words):
        for length in range(min(_LONGEST, len(words) - start), 0, -1):
            phrase = words[start : start + length]
            if phrase in _SOUNDS or phrase in _NEUTRAL:
                found |= {_SOUNDS[phrase]} if phrase in _SOUNDS else set()
                start += length
                break
        else:
            return None
    return found
