"""What nobody is asked in a chat: the offence, the sentence, torture, violence or drugs inside, being arrested again.

* A telephone is read by others, and can be read by an authority: an answer on these could be used against her, or
  open what a bot cannot hold. Staff write down a *reingreso* themselves, from what they know.
* The words are a fixed list of phrases, compared without accents and capitals and by whole words: no guessing.
* What only sounds like it passes: to feel guilty, violence at home, a past without papers, the organisation's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from conversations.instrument import Instrument, Question, Text


class Subject(StrEnum):
    """What must not be asked; the value is how a coordinator is told of it."""

    OFFENCE = "the offence"
    SENTENCE = "the sentence"
    TORTURE = "torture"
    VIOLENCE_INSIDE = "violence in custody"
    DRUGS_INSIDE = "drug use in custody"
    REARREST = "being arrested again"


REASONS = {
    Subject.OFFENCE: "an answer could be used against her; the programme does not need it",
    Subject.SENTENCE: "whoever reads the telephone learns where she was; the programme has it on paper",
    Subject.TORTURE: "a bot cannot hold what this opens; a trained person asks, in private, if anybody does",
    Subject.VIOLENCE_INSIDE: "a bot cannot hold what this opens, and those who did it may read it",
    Subject.DRUGS_INSIDE: "an answer could be used against her, and against others who are still there",
    Subject.REARREST: "she would have to accuse herself; staff write down a reingreso from what they know",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Words of a question, or of one of its choices, that belong to a forbidden subject."""

    question: str
    choice: str | None
    subject: Subject
    words: str


# Places of custody, as they are named; "la cana" is one only where a phrase puts her inside, since it is also a name.
_INSIDE = (
    r"(?:carcel|prision|penal|reclusorio|penitenciaria|centro penitenciario|centro de reinsercion|bote|tambo|cana"
    r"|reclusion|cereso|celda)"
)
_HELD = (
    r"(?:custodi[oa]s?|celdas?|carcel|prision|penal|reclusorio|penitenciari[ao]|cereso|reclusion|encierro|separos"
    r"|ministerio publico|policias?|detencion|te detuvieron|detenida|presa"
    r"|(?:eras|fuiste) interna|privada de (?:tu|su|la) libertad"
    r"|(?:estabas|estuviste|estando|estar|alla|ahi) (?:a|alla |ahi )?dentro|(?:en|de) la cana)"
)
_VIOLENCE = (
    r"(?:violencias?|violentad[ao]s?|violent[oa]s?|violentaron|golpes?|golpead[ao]s?|golpearon|golpeaban|golpeo"
    r"|pegaron|pegaban|pego|maltrat\w*|abus(?:o|os|aron|aban|ada|adas)|viol(?:aron|o|acion|aciones|ada)|agred\w+"
    r"|agresion(?:es)?|lastim\w+|humill\w+|amenaz\w+|acos(?:o|aron|aban|ada)|extorsi\w+|castig\w+"
    r"|(?:trat\w+|habl\w+) (?:muy |tan )?mal|(?:hizo|hicieron|hacian?) (?:algun )?dano|grit(?:aron|aban|o)|insult\w+"
    r"|tocaron|tocaban|manose\w+|jalone\w+|patearon|pateaban)"
)
_USE = (
    r"(?:consum\w+|drog(?:a|as|aste|abas|adicta|adiccion)|fum(?:as|abas|aste)|mariguana|marihuana"
    r"|tom(?:as|abas|aste) (?:alcohol|cerveza|pastillas))"
)
_AGAIN = r"(?:otra vez|de nuevo|nuevamente|de vuelta)"
_FALLEN = r"(?<!te )(?:caiste|caido|caer|caias)"
_YEARS = (
    r"(?:mas de |menos de |como |unos |casi )?(?:\d+|un|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince"
    r"|veinte|muchos|pocos|varios|cuantos|tantos)"
)
_NO_YEARS = r"(?! (?:de (?:garantia|prueba|plazo|permiso|incapacidad|renta|credito|gracia|contrato)|para|sin))"
_TAKEN = r"(?:deten\w+|detuvieron|arrest\w+|aprehen\w+|encarcel\w+|encerr\w+|agarraron|apresa\w+|presa|procesa\w+)"

_HELD_EN = (
    r"(?:guards?|custody|prison|jail|cells?|detention|detained|arrest(?:ed)?|police|locked up"
    r"|(?:while|when|were) (?:you were )?inside)"
)
_VIOLENCE_EN = (
    r"(?:violence|violent|beat|beaten|beatings?|hit|hurt|abus\w+|rape|raped|assault\w*|attack\w*|mistreat\w*"
    r"|threat\w*|humiliat\w*|punish\w*)"
)

_PHRASES: dict[Subject, tuple[str, ...]] = {
    Subject.OFFENCE: (
        r"delit(?:o|os|iv[oa]s?)", r"delinqu\w+", r"delincuen\w+", r"crimen(?:es)?", r"criminal(?:es)?(?! records?)",
        r"te acus\w+", r"acusad[ao]", r"acusacion(?:es)?", r"(?:declar\w+|fuiste|eres|eras) (?:culpable|inocente)",
        r"comet(?:iste|ido|er|ias) (?:\w+ ){0,2}(?:robos?|asaltos?|fraudes?|hurtos?|extorsion(?:es)?)",
        r"(?:levant|fij|imput)\w+ (?:\w+ )?cargos|te imputa\w+",
        r"homicidios?", r"feminicidios?", r"secuestros?", r"narcomenudeo", r"portacion de armas?",
        r"robo (?:simple|calificado|agravado)", r"(?:robaste|asaltaste|mataste|secuestraste|traficaste)",
        r"has (?:robado|asaltado|matado|vendido droga)",
        rf"por ?que (?:\w+ )?{_TAKEN}",
        rf"por ?que (?:\w+ ){{1,5}}{_INSIDE}",
        r"(?:motivo|causa|razon) (?:de|por (?:la|el) que|del?) (?:\w+ ){0,4}"
        rf"(?:{_TAKEN}|{_INSIDE}|detencion|encierro|arresto)",
        r"(?<!no )antecedentes penales",
        r"(?:por ?que|como|cuando|donde|con quien(?:es)?) (?:\w+ ){0,3}(?<!te )caiste"
        r"(?! (?:enferma|en cama|mal|bien|de|del|al))",
        r"(?:vend\w+|trafic\w+|distribu\w+|repart\w+) (?:\w+ ){0,2}(?:drogas?|mariguana|marihuana)",
        r"(?:sell|sold|selling|deal|dealt|dealing|traffic\w*) (?:\w+ ){0,2}drugs?",
        r"que hiciste para (?:que te|caer|estar|llegar)", r"carpeta de investigacion", r"averiguacion previa",
        r"problemas? con la (?:ley|justicia|policia)",
        r"off?en[cs]es?", r"offen(?:der|ders|ded|ding)", r"crimes?", r"felon(?:y|ies|s)?",
        r"misdemeanou?rs?", r"(?:were|been|are) you (?:\w+ )?accused", r"accused of", r"charged with",
        r"charges against you", r"(?:found|plead|pleaded|plea of) guilty", r"guilty of", r"break(?:ing)? the law",
        r"why (?:\w+ ){1,4}(?:prison|jail|arrested|jailed|imprisoned|locked up|incarcerated)",
        r"trouble with the (?:law|police)", r"(?:did|have) you (?:ever )?(?:steal|stolen|kill|killed|rob|robbed)",
    ),
    Subject.SENTENCE: (
        r"sentencias?", r"sentenci(?:ada|adas|aron|ar)", r"condenas?", r"conden(?:ada|adas|aron|ar)",
        r"an[o]s de (?:carcel|prision|encierro)", r"cuant[oa]s (?:anos|meses) te (?:dieron|echaron|pusieron|faltan)",
        rf"cuant[oa]s? (?:\w+ ){{1,4}}(?:presa|encarcelada|encerrada|recluida|{_INSIDE}|adentro|alla dentro)",
        r"cuant[oa]s? (?:\w+ )?te (?:echaron|aventaron|clavaron)(?! (?:de|del|la|una|a)\b)",
        rf"te (?:dieron|echaron|aventaron|pusieron|clavaron) {_YEARS} (?:anos|meses){_NO_YEARS}",
        r"(?:juez|jueza|jueces|(?<!ni del )juzgados?)(?! (?:de lo )?(?:familiar|civil|laboral))\b",
        r"abogad[oa]s? de oficio|defensor(?:a|ia)? (?:publica|publico|de oficio)|vinculad[ao] a proceso",
        r"audiencias? (?:inicial|intermedia|penal|con el juez)|ministerio publico",
        r"(?:the|a|your) judges?", r"(?:in|to|at|your) court(?! of)", r"public defender",
        r"purg\w+ (?:\w+ ){0,3}(?:condena|pena|sentencia)", r"compurg\w+",
        r"libertad (?:condicional|anticipada|condicionada|preparatoria)", r"preliber\w+",
        r"(?:causa|proceso) penal", r"juicio (?:penal|abreviado|oral)", r"brazalete electronico",
        r"convicts?", r"convicted", r"convictions?", r"sentenced", r"(?:prison|jail) (?:sentence|term)s?",
        r"(?:your|the length of (?:the|your)|serv(?:e|ed|ing) (?:a|the|your)) sentence", r"served time",
        r"how (?:long|many years|much time) (?:\w+ ){1,5}(?:prison|jail|inside|locked up|incarcerated)",
        r"(?:on|your) (?:parole|probation)",
    ),
    Subject.TORTURE: (
        r"tortur\w+", r"te obligaron a (?:confesar|firmar|declarar|declararte)", r"confesar", r"confesion",
        r"confesaste", r"toques electricos", r"choques electricos", r"bolsa en la c(?:abeza|ara)",
        r"(?:forced|made) (?:you )?to confess", r"confess(?:ed|ion)?", r"electric shocks?",
    ),
    Subject.VIOLENCE_INSIDE: (
        rf"{_VIOLENCE}\b.*\b{_HELD}", rf"{_HELD}\b.*\b{_VIOLENCE}",
        r"te (?:han )?viol(?:aron|ado|o)\b(?! (?:tus|tu|el|los|algun) (?:derechos?|contrato|horario))",
        r"(?:detener|arrestar|aprehender)te",
        r"celda de castigo", r"apando", r"segregada",
        rf"{_VIOLENCE_EN}\b.*\b{_HELD_EN}", rf"{_HELD_EN}\b.*\b{_VIOLENCE_EN}", r"solitary confinement",
    ),
    Subject.DRUGS_INSIDE: (
        rf"{_USE}\b.*\b{_HELD}", rf"{_HELD}\b.*\b{_USE}",
        rf"{_USE} (?:\w+ ){{0,3}}(?:adentro|alla dentro)(?! de)", rf"(?:adentro|alla dentro) (?:\w+ ){{0,3}}{_USE}",
        rf"drugs?\b.*\b{_HELD_EN}", rf"{_HELD_EN}\b.*\bdrugs?",
    ),
    Subject.REARREST: (
        r"reincid\w+", r"re ?arrest\w+", r"reaprehen\w+",
        rf"(?:volviste|vuelto|volver|regresaste|regresado|regresar|recaiste) (?:\w+ ){{0,2}}{_INSIDE}",
        rf"{_FALLEN} (?:\w+ ){{0,2}}(?:presa|detenida|encarcelada|{_INSIDE})",
        r"(?<!te )(?:has|habias) caido(?! (?:enferma|en(?! la carcel)|mal|bien|de|del)\b)",
        r"(?:volviste|vuelto|volver) a (?:delinquir|robar|estar presa|entrar presa)",
        r"te (?:han )?(?:volvieron|vuelto|volver) a agarrar(?! (?:la|el|los|las|confianza|carino)\b)",
        r"(?<!te )(?:volviste|vuelto|volver) a caer(?! (?:enferma|en(?! la carcel)|mal|bien|de|del)\b)",
        r"(?:volviste|vuelto|volver|regresaste|regresado|regresar) (?:\w+ )?a (?:santa marta|santa martha|santiaguito"
        r"|barrientos|tepepan|puente grande|topo chico|islas marias)",
        rf"(?:volvieron|vuelto|volvio|volver) a {_TAKEN}",
        rf"te (?:han )?(?:detuvieron|arrest\w+|aprehend\w+|agarraron|encerraron|encarcelaron|detenido)(?: {_AGAIN})?",
        r"(?:estado|estuviste|fuiste|sido|estas) (?:\w+ )?(?:detenida|presa|arrestada|encarcelada)",
        rf"reingres\w+ (?:\w+ ){{0,2}}{_INSIDE}", r"orden(?:es)? de aprehension",
        r"nuev[oa]s? (?:detencion|detenciones|arrestos?|proceso penal)",
        r"re ?arrests?", r"arrested", r"re ?offend\w*", r"recidiv\w+", r"re ?incarcerat\w+",
        r"(?:back|go back|gone back|went back|return|returned|returning) (?:in|to|into) (?:the )?"
        r"(?:prison|jail|custody)",
        r"(?:been|were you|got) detained", r"(?:been|are you|were you) in (?:prison|jail) again",
    ),
}  # fmt: skip
"""Regular expressions over folded text, each for whole words."""

_NAMES = {
    **dict.fromkeys(("reingreso", "reincidencia", "rearresto", "arresto", "detencion"), Subject.REARREST),
    **dict.fromkeys(("delito", "delitos", "offence", "offense", "crime"), Subject.OFFENCE),
    **dict.fromkeys(("sentencia", "condena", "sentence"), Subject.SENTENCE),
    **dict.fromkeys(("tortura", "torture"), Subject.TORTURE),
}
"""Words of stored names: a question so named is about it, however its text is put."""

_COMPILED = [(subject, re.compile(rf"\b(?:{'|'.join(phrases)})\b")) for subject, phrases in _PHRASES.items()]
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_SENTENCES = re.compile(r"[.;!?\n]+")


def forbidden_words(text: str) -> list[tuple[Subject, str]]:
    """The subjects that a text touches and the words that do it, without accents; once for each subject."""
    found: dict[Subject, str] = {}
    for sentence in _SENTENCES.split(_folded(text)):
        plain = _NOT_A_WORD.sub(" ", sentence).strip()
        for subject, pattern in _COMPILED:
            if subject not in found and (match := pattern.search(plain)):
                found[subject] = match[0]
    return list(found.items())


def forbidden_subjects(instrument: Instrument) -> list[Finding]:
    """Everything in the instrument that must not be asked: in names, texts and choices, in every language."""
    return [finding for question in instrument.questions for finding in _in_question(question)]


def _in_question(question: Question) -> Iterator[Finding]:
    for word in question.name.split("_"):
        if word in _NAMES:
            yield Finding(question.name, None, _NAMES[word], word)
    texts = (question.label, question.hint, question.short, question.constraint_message)
    for subject, words in _in_texts(*texts):
        yield Finding(question.name, None, subject, words)
    for choice in question.choices:
        for subject, words in _in_texts(choice.label):
            yield Finding(question.name, choice.name, subject, words)


def _in_texts(*texts: Text | None) -> Iterator[tuple[Subject, str]]:
    shown = (text for languages in texts if languages for text in languages.values())
    yield from dict.fromkeys(found for text in shown for found in forbidden_words(text))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
