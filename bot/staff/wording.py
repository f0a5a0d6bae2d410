"""What is kept as a code, in the words that staff read: kinds of cases, what came instead of words, and why something
was not sent.

* Each table names all codes that there are; a form can name kinds of its own, which are shown under a word for others.
* A reason agrees in number with those for whom it holds.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.participant.enrolment import UNFINISHED
from conversations.session import HELP
from conversations.speech import Phrase
from locales.catalog import SPANISH, load_catalog
from storage import cases_kinds as kinds
from storage.files import TRANSCRIPTION
from storage.report.points import phrase_of

KIND_KEYS: Mapping[str, str] = {
    HELP: "staff.kind_ayuda",
    kinds.MESSAGE: "staff.kind_mensaje",
    kinds.ANSWER: "staff.kind_respuesta",
    kinds.STOP: "staff.kind_baja",
    kinds.DATA: "staff.kind_datos",
    kinds.COME_BACK: "staff.kind_volver",
    kinds.MISSING_DATE: "staff.kind_fecha_de_salida",
    kinds.FORGOTTEN_WORD: "staff.kind_palabra",
    kinds.FORGOTTEN_CODE: "staff.kind_clave",
    kinds.CALL: "staff.kind_llamada",
    kinds.ALARM: "staff.kind_alarma",
    kinds.BREACH: "staff.kind_vulneracion",
    kinds.CRISIS: "staff.kind_crisis",
    kinds.RISK: "staff.kind_alerta",
    TRANSCRIPTION: "staff.kind_transcripcion",
    UNFINISHED: "staff.kind_inscripcion_incompleta",
}

SENT_KEYS: Mapping[str, str] = {
    "photo": "staff.sent_photo",
    "voice": "staff.sent_voice",
    "audio": "staff.sent_audio",
    "video": "staff.sent_video",
    "video_note": "staff.sent_video",
    "document": "staff.sent_document",
    "location": "staff.sent_location",
    "contact": "staff.sent_contact",
    "sticker": "staff.sent_sticker",
    "animation": "staff.sent_animation",
    "poll": "staff.sent_poll",
    "dice": "staff.sent_dice",
}
"""By the Bot API's names."""

REASON_KEYS: Mapping[str, str] = {
    "blocked": "staff.reason_blocked",
    "deactivated": "staff.reason_deactivated",
    "chat_not_found": "staff.reason_chat_not_found",
    "no_chat": "staff.reason_no_chat",
    "unreachable": "staff.reason_unreachable",
    "bad_request": "staff.reason_bad_request",
    "not_rendered": "staff.reason_not_rendered",
    "not_sendable": "staff.reason_not_rendered",
    "not_said": "staff.reason_not_said",
    "unreadable": "staff.reason_not_said",
    "cancelled": "staff.reason_cancelled",
    "retired": "staff.reason_retired",
    "overtaken": "staff.reason_overtaken",
    "earlier_unopened": "staff.reason_earlier_unopened",
    "stopped": "staff.reason_stopped",
    "paused": "staff.reason_paused",
    "resting": "staff.reason_paused",
    "died": "staff.reason_died",
    "dead": "staff.reason_died",
    "frozen": "staff.reason_frozen",
    "consent_withdrawn": "staff.reason_consent_withdrawn",
    "no_consent": "staff.reason_no_consent",
    "no_broadcasts": "staff.reason_no_broadcasts",
    "recent_broadcast": "staff.reason_recent_broadcast",
}
"""By the codes of whoever holds something back: at choosing, at sending, or as Telegram refuses it."""

OTHER_KEYS = ("staff.sent_other", "staff.reason_other")
_SENT_OTHER, _REASON_OTHER = OTHER_KEYS


def in_words(phrase: Phrase, language: str = SPANISH) -> str:
    """What the catalogue says, as staff read it: a part of another text."""
    return load_catalog().text(phrase.key, language, **phrase.values)


def kind_in_words(kind: str) -> str:
    """What a case is about."""
    if (key := KIND_KEYS.get(kind)) is not None:
        return in_words(Phrase(key))
    if kind.startswith(kinds.A_DATE):
        return in_words(Phrase("staff.kind_date", {"what": _plain(kind.removeprefix(kinds.A_DATE))}))
    return in_words(Phrase("staff.kind_other", {"what": _plain(kind)}))


def kind_within(kind: str) -> str:
    """The same, within a sentence."""
    words = kind_in_words(kind)
    return words[0].lower() + words[1:]


def point_in_words(point: str) -> str:
    """Which check-in of a plan it is: those of a week or a month by its number, any other by its own name."""
    return _plain(point) if (phrase := phrase_of(point)) is None else in_words(phrase)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def sent_in_words(kind: str) -> str:
    """What came instead of words."""
    return in_words(Phrase(SENT_KEYS.get(kind, _SENT_OTHER)))


def why(reason: str, count: int = 1, *, language: str = SPANISH) -> str:
    """Why so many did not get something, or not yet."""
    key = REASON_KEYS.get(reason, _REASON_OTHER)
    return in_words(Phrase(key, {"count": count, "reason": reason}), language)
