"""What is kept of her, to be read by her: counted in a few lines, and whole in a file.

* The file says it in her language, in the groups that she would ask for, with days and moments as people write them, by
  her own clock; no name of the machine's stands in it.
* An answer stands under its question, as the questionnaire in its version asked it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.library import Library
from bot.participant.hours import SLOT_KEYS
from bot.participant.own_codes import (
    CODE_KEYS,
    MISSING_KEYS,
    PERIOD_KEYS,
    POINT_KEYS,
    PURPOSE_KEYS,
    UNANSWERED_KEYS,
)
from bot.participant.own_labels import GROUP_KEYS, SHEETS
from bot.staff.audit import ACTION_KEYS
from bot.staff.wording import KIND_KEYS
from conversations.answers import AnswerStatus, Money, Voice, from_json
from conversations.instrument import Question, in_language
from locales.catalog import SPANISH, Catalog, load_catalog, long_date, money, number, weekday
from storage.calls import MEANINGS, Disposition
from storage.facts import Person
from storage.imports.facts import ON_CONSENT
from storage.own_data import Tables

OPENING_KEYS = ("own.opening",)
YES_KEYS = ("own.no", "own.yes")

WEEKDAYS = "0123456"
MONDAY = date(2024, 1, 1)

_ACTIONS = {key.removeprefix("staff.audit."): key for key in ACTION_KEYS}


def counted(found: Tables, her: Person) -> dict[str, str | int]:
    """How much of each kind there is, for the chat."""
    return {
        "called": her.called or "—",
        "answers": sum(row.get("replaced_at") is None for row in found.get("answers", ())),
        "jobs": len(found.get("employments", ())),
        "incomes": len(found.get("incomes", ())),
        "voices": len(found.get("files", ())),
        "messages": len(found.get("cases", ())),
        "purposes": len(her.purposes),
        "seen": sum(row["by"] not in ("participant", "chat", "system") for row in found.get("audit", ())),
    }


def as_file(found: Tables, *, speech: str, zone: str, library: Library) -> bytes:
    """All of it as a text."""
    (vault,) = found["vault"]
    called = vault.get("called") or vault["name"]
    return _Writing(load_catalog(), speech, ZoneInfo(zone), library, called).file(found).encode("utf-8-sig")


@dataclass(frozen=True, slots=True)
class _Writing:
    catalog: Catalog
    speech: str
    zone: ZoneInfo
    library: Library
    called: str

    def file(self, found: Tables) -> str:
        blocks = [self._text(OPENING_KEYS[0])]
        for group in GROUP_KEYS:
            tables = [table for table, sheet in SHEETS.items() if sheet.group == group and table in found]
            sheets = [self._sheet(table, found[table]) for table in tables]
            if sheets:
                blocks.append(self._text(group).upper())
                blocks += sheets
        return "\n\n\n".join(blocks) + "\n"

    def _sheet(self, table: str, rows: list[dict[str, Any]]) -> str:
        told = [lines for lines in (self._row(table, row) for row in rows) if lines]
        return "\n\n".join((self._text(SHEETS[table].heading), *("\n".join(lines) for lines in told)))

    def _row(self, table: str, row: Mapping[str, Any]) -> list[str]:
        lines = self._answer(row) if table == "answers" else []
        if table == "audit":
            row = {**row, "action": self._deed(row)}
        for column, label in SHEETS[table].fields.items():
            said = None if row.get(column) is None else self._said(table, column, value=row[column])
            if said:
                lines.append(f"  {self._text(label)}: {said}")
        return lines

    # --- values

    def _said(self, table: str, column: str, *, value: Any) -> str | None:
        special = self._special.get((table, column))
        if special is not None:
            return special(value)
        match value:
            case bool():
                return self._text(YES_KEYS[value])
            case datetime():
                return self._moment(value)
            case date():
                return long_date(value, self.speech)
            case int() | Decimal():
                return number(value, self.speech)
            case _:
                return str(value) if (table, column) in _AS_IT_STANDS else self._code(str(value))

    @property
    def _special(self) -> Mapping[tuple[str, str], Callable[[Any], str | None]]:
        status = ("incomes", "status")
        return {
            ("participants", "birth_year"): str,
            ("requests", "number"): str,
            ("preferences", "days"): self._weekdays,
            ("consents", "purpose"): lambda said: self._keyed(PURPOSE_KEYS, said),
            ("attempts", "disposition"): lambda said: MEANINGS[Disposition(said)].gloss,
            ("cases", "words"): self._words,
            ("cases", "kind"): lambda said: self._keyed(KIND_KEYS, said),
            ("preferences", "slot"): lambda said: self._keyed({key[5:]: key for key in SLOT_KEYS}, said),
            ("checkins", "point"): self._point,
            ("measurements", "moment"): self._point,
            ("checkins", "instrument"): self._title,
            ("measurements", "instrument"): self._title,
            ("notices", "content"): self._content,
            ("detections", "kinds"): lambda said: ", ".join(map(self._code, said.split())),
            ("incomes", "period"): lambda said: self._keyed({key[7:]: key for key in PERIOD_KEYS}, said),
            **{("incomes", column): self._money for column in ("amount", "high", "monthly")},
            **{("supports", column): self._yes_or_missing for column in ("given", "received")},
            status: lambda said: self._missing(said) if said else None,
        }

    def _deed(self, row: Mapping[str, Any]) -> str:
        """What was done, in the words of the trail; of an id that stands beside it nothing is told."""
        beside = [self._code(word) for word in re.split(r"[\s:]+", row["detail"] or "") if not word.isdigit()]
        told = {"whom": self.called, "detail": " ".join(beside)}
        key = _ACTIONS.get(row["action"])
        return self._code(row["action"]) if key is None else self._text(key, **told).strip(" :")

    def _answer(self, row: Mapping[str, Any]) -> list[str]:
        name, version, variable = row["instrument"], row["version"], row["variable"]
        known = self.library.get(name, version).by_name if self.library.has(name, version) else {}
        question = known.get(variable)
        asked = self._code(variable) if question is None else in_language(question.label, self.speech)
        lines = [f"  {asked}", f"  → {self._answered(row, question)}"]
        said = row.get("raw")
        return [*lines, f"  {self._text('own.l_words')}: {said}"] if said else lines

    def _answered(self, row: Mapping[str, Any], question: Question | None) -> str:
        kept = row.get("words") or row.get("value")
        return self._missing(row["status"]) if kept is None else self._value(from_json(json.loads(kept)), question)

    def _value(self, value: Any, question: Question | None) -> str:
        match value:
            case Money():
                amount = self._money(value.amount)
                return amount if value.period is None else f"{amount} {self._text(f'period.{value.period.value}')}"
            case Voice(_, seconds):
                return self._text("answer.voice", count=seconds)
            case tuple():
                return ", ".join(self._value(one, question) for one in value)
            case date():
                return long_date(value, self.speech)
            case int() | Decimal():
                return number(value, self.speech)
            case _:
                choice = None if question is None else question.choice(str(value))
                return self._code(str(value)) if choice is None else in_language(choice.label, self.speech)

    def _missing(self, status: int) -> str:
        return self._text(MISSING_KEYS.get(AnswerStatus(status), UNANSWERED_KEYS[0]))

    def _yes_or_missing(self, value: int) -> str:
        return self._text(YES_KEYS[value]) if value in (0, 1) else self._missing(value)

    def _money(self, amount: Decimal) -> str:
        return money(amount, self.speech)

    def _moment(self, at: datetime) -> str:
        local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(self.zone)
        return f"{long_date(local.date(), self.speech)}, {local:%H:%M}"

    def _weekdays(self, days: str) -> str:
        named = [date.fromordinal(MONDAY.toordinal() + int(one)) for one in days if one in WEEKDAYS]
        return ", ".join(_weekday(day, self.speech) for day in named)

    def _point(self, name: str) -> str:
        """A point of a plan as one says it: "m3" is month 3."""
        span = re.fullmatch(r"([ms])(\d+)", name)
        return self._code(name) if span is None else self._text(POINT_KEYS[span[1]], number=span[2])

    def _title(self, name: str) -> str:
        known = name in self.library.names
        return in_language(self.library.latest(name).title, self.speech) if known else self._code(name)

    @staticmethod
    def _words(sealed: str) -> str:
        return " / ".join(one["text"] or one["kind"] for one in json.loads(sealed))

    def _content(self, sealed: str) -> str | None:
        content = json.loads(sealed)
        phrase = content.get("phrase")
        return self._text(phrase["key"], **phrase["values"]) if phrase else content.get("text") or None

    def _keyed(self, keys: Mapping[str, str], said: str) -> str:
        return self._text(keys[said]) if said in keys else self._code(said)

    def _code(self, said: str) -> str:
        key = CODE_KEYS.get(said)
        return said.replace("_", " ") if key is None else self._text(key)

    def _text(self, key: str, **values: Any) -> str:
        return self.catalog.text(key, self.speech, **values)


_AS_IT_STANDS = frozenset(
    {
        *(("vault", "name"), ("vault", "called"), ("vault", "phone"), ("vault", "record_id"), ("contacts", "name")),
        *(("contacts", "phone"), ("files", "name"), ("incomes", "words"), ("consents", "witness")),
        *(("requests", "words"), ("requests", "denied_why"), ("case_log", "words"), ("attempts", "note")),
        *(("preferences", "zone"), ("participants", "person"), ("consents", "version")),
        ("audit", "action"),
        *((table, f"consent_{cell}") for table in ON_CONSENT for cell in ("version", "witness")),
    }
)
"""What is told as it stands, whatever it looks like."""


def _weekday(day: date, language: str) -> str:
    return weekday(day, language).split(" " if language.startswith(SPANISH) else ",")[0]
