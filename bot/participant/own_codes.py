"""What the codes of the store say in words, where she reads what is kept of her.

* One that is not here is the organisation's own word, or nearly one, and is told as it stands.
"""

from __future__ import annotations

from conversations.answers import AnswerStatus

MISSING_KEYS = {
    AnswerStatus.NOT_APPLICABLE: "answer.not_applicable",
    AnswerStatus.UNKNOWN: "answer.unknown",
    AnswerStatus.REFUSED: "answer.refused",
}
UNANSWERED_KEYS = ("answer.unanswered",)

PURPOSE_KEYS = {
    "seguimiento": "rights.purpose_follow_up",
    "ingresos": "rights.purpose_income",
    "bienestar": "rights.purpose_wellbeing",
    "voz": "rights.purpose_voice",
    "alertas": "rights.purpose_alerts",
    "avisos": "rights.purpose_broadcasts",
    "investigacion": "rights.purpose_research",
}
"""What each purpose is called where she reads of it."""

POINT_KEYS = {
    "m": "own.month",
    "s": "own.week",
}
PERIOD_KEYS = ("period.mes", "period.quincena", "period.catorcena", "period.semana", "period.dia")

CODE_KEYS = {
    "chat": "own.c_chat",
    "chat_word": "own.c_chat",
    "invitacion": "own.c_chat",
    "oral": "own.c_call",
    "llamada": "own.c_call",
    "phone": "own.c_call",
    "telefono": "own.c_call",
    "paper": "own.c_paper",
    "papel": "own.c_paper",
    "convenio": "own.c_agreement",
    "por_escrito": "own.c_paper",
    "en_persona": "own.c_in_person",
    "in_person": "own.c_in_person",
    "dentro": "own.c_inside",
    "en_libertad": "own.c_outside",
    "ambos": "own.c_both",
    "completed": "own.c_completed",
    "partial": "own.c_partial",
    "refused": "own.c_refused",
    "unreachable": "own.c_unreachable",
    "paused": "own.c_paused",
    "not_due": "own.c_not_due",
    "missed_by_us": "own.c_missed_by_us",
    "attended": "own.c_attended",
    "referred": "own.c_referred",
    "unreached": "own.c_unreachable",
    "not_needed": "own.c_not_due",
    "granted": "own.c_granted",
    "denied": "own.c_denied",
    "withdrawn": "own.c_withdrawn",
    "right": "own.c_right",
    "false": "own.c_false",
    "self_harm": "own.c_self_harm",
    "violence": "own.c_violence",
    "danger": "own.c_danger",
    "sent": "own.c_sent",
    "posted": "own.c_sent",
    "failed": "own.c_not_sent",
    "blocked": "own.c_not_sent",
    "unknown": "own.c_unsure",
    "skipped": "own.c_not_sent",
    "waiting": "own.c_waits",
    "reply": "own.c_reply",
    "note": "own.c_note",
    "team": "own.c_team",
    "public": "own.c_public",
    "acceso": "own.c_see",
    "correccion": "own.c_fix",
    "cancelacion": "own.c_gone",
    "oposicion": "own.c_object",
    "participant": "own.c_herself",
    "system": "own.c_machine",
    "staff": "own.c_team",
    "coordinator": "own.c_lead",
    "admin": "own.c_lead",
    "auditor": "own.c_auditor",
    "tu": "own.c_tu",
    "usted": "own.c_usted",
    "es": "own.c_spanish",
    "en": "own.c_english",
    "baja": "own.c_stop",
    "datos": "own.c_data",
    "clave": "own.c_code",
    "palabra": "own.c_code",
    "reinscripcion": "own.c_back",
    "volver": "own.c_back",
    "crisis": "own.c_danger",
    "alerta": "own.c_danger",
    "reply_photo": "own.c_reply",
    "reply_document": "own.c_reply",
    "reply_voice": "own.c_reply",
}
"""What a code says."""
