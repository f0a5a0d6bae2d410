"""Whether what she wrote asks for a person or cannot wait, however much else it says.

* Only what is plainly asked for counts ("necesito ayuda con mi hijo", "me urge", "llámenme"), not that it was spoken of
  ("mi mamá me ayuda").
* A denial right before it undoes it ("ya no necesito ayuda", "no es urgente").
"""

from __future__ import annotations

import re

from conversations.reading.words import entries, fold, sound

_WANTING = r"(?:necesito|necesitamos|ocupo|ocupamos|quiero|quisiera|pido|solicito|requiero|busco|hace falta)"
_NEEDING = r"(?:necesito|necesitamos|ocupo|ocupamos|tengo que|hace falta)"
_TALKING = r"(?:hablar|platicar|comunicarme)"
_SOMEONE = (
    r"(?:alguien|alguno|alguna|ustedes|usted|una persona|un humano|el equipo|quien me|la lic|la licenciada"
    r"|la coordinadora|la encargada|la trabajadora|la psicologa|una psicologa|un psicologo|una abogada|un abogado)"
)
_CAN_YOU = r"(?:puede|puedes|pueden|podria|podrias|podrian)"
_FOR_ME = r"(?:ayudar|apoyar|orientar|asesorar|llamar|hablar|marcar|buscar|contactar)"
_DENIAL = r"(?:no|ni|sin|nunca|tampoco|nadie|por si)(?: (?:me|nos|le|es|era|fue|se|tan|mucho|muy|ninguna))*"

_PLEAS = "|".join(
    (
        rf"{_WANTING} (?:\w+ ){{0,3}}?(?:ayuda|apoyo|auxilio|orientacion)",
        rf"{_NEEDING} (?:\w+ ){{0,2}}?{_TALKING}(?! con (?:mi|mis|su|el papa|la familia))",
        rf"(?:quiero|quisiera|puedo|podria|me gustaria) (?:\w+ )?{_TALKING} (?:\w+ )?con {_SOMEONE}",
        rf"(?:me|nos) {_CAN_YOU} (?:\w+ )?{_FOR_ME}|{_CAN_YOU} {_FOR_ME}(?:me|nos)",
        rf"{_WANTING} que (?:alguien )?(?:me|nos) (?:ayude|ayuden|llame|llamen|hable|hablen|marque|marquen|apoyen)",
        r"(?:ayuda|ayude|ayuden|apoye|apoyen|auxilie|auxilien)(?:me|nos)|auxilio|socorro|sos",
        r"(?:llama|llame|llamen|marca|marque|marquen|busca|busque|busquen|contacte|contacten)me",
        r"me ayudas|nos ayudas|alguien que (?:me|nos) (?:ayude|apoye|oriente)",
        r"no (?:tengo|tenemos) (?:\w+ ){0,2}?donde (?:\w+ )?(?:dormir|vivir|quedarme|quedarnos|pasar la noche)",
        r"urge|urje|urgen|urgente|urgentes|urgentemente|urgencia|emergencia",
        r"(?:i )?(?:really )?need (?:\w+ ){0,2}?(?:help|to talk)|please help|help me|call me|urgent|urgently|emergency",
    )
)
_CLAUSES = re.compile(r"[^\w\s]+|\b(?:pero|porque|aunque)\b")
_NOT_ASKED = frozenset(entries("dejen de ayudarme|por ayudarme|por ayudarnos|por apoyarme|por buscarme|por llamarme"))
"""Where one says thanks, or enough."""


def _heard(pattern: str) -> str:
    """A pattern over words as it is over their sounds."""
    return re.sub(r"(?<!\\)[a-zñ]{2,}", lambda word: sound(word[0]), pattern)


_ASKED = re.compile(rf"(?:^| )(?P<denied>{_heard(_DENIAL)} )?(?:{_heard(_PLEAS)})(?= |$)")
_THANKS = re.compile(_heard("|".join(sorted(_NOT_ASKED))))


def asks_for_a_person(text: str) -> bool:
    """Return whether any of `text` plainly asks for help or for somebody to talk to, or says that it cannot wait."""
    clauses = (" ".join(map(sound, clause.split())) for clause in _CLAUSES.split(fold(text)))
    return any(found["denied"] is None for clause in clauses for found in _ASKED.finditer(_THANKS.sub(" ", clause)))
