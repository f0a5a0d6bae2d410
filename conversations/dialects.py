"""How XLSForm is written: the columns and types that load, those passed over, and what to do about the others.

* Other builders' spellings (KoBoToolbox, ODK Build, older pyxform) become one, so that only one is ever looked for.
* What has no effect in a chat is passed over; what would be lost, or do what its author does not expect, is refused.
* Every refusal says what to do instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType as Fixed

SURVEY, CHOICES, SETTINGS = "survey", "choices", "settings"


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of one sheet are; `texts` and `plain` are read, `refused` has a remedy for each."""

    plain: frozenset[str]
    texts: frozenset[str]
    passed_over: frozenset[str]
    refused: Fixed[str, str]

    @property
    def read(self) -> frozenset[str]:
        """All that are read."""
        return self.plain | self.texts

    def knows(self, name: str) -> bool:
        """Whether the column means anything here or to another builder."""
        return name in self.read or name in self.refused or self.passes_over(name)

    def passes_over(self, name: str) -> bool:
        """Whether what stands in the column makes no difference in a chat."""
        return name in self.passed_over or name.startswith(("$", "kobo--", "sms_"))


_NO_PICTURE = "a question here has no pictures: say it in the label, and empty this cell"

COLUMNS = {
    SURVEY: Columns(
        plain=_words(
            "type name required relevant constraint calculation choice_filter default appearance parameters read_only",
            "hilo::outcome hilo::purpose hilo::money hilo::sensitive hilo::risk",
        ),
        texts=frozenset({"label", "hint", "constraint_message", "hilo::short", "media::audio"}),
        passed_over=_words(
            "guidance_hint required_message no_app_error_string order tags hxl compact_tag autoplay rows body::accept",
            "bind::type",
        ),
        refused=Fixed(
            {
                "media::image": _NO_PICTURE,
                "media::big-image": _NO_PICTURE,
                "media::video": _NO_PICTURE,
                "repeat_count": "there are no repeats here: write the questions once for each time",
                "trigger": "a calculation is always worked out anew: empty this cell",
                "save_to": "there are no entities here: empty this cell",
                "disabled": "remove the row, or this column",
            }
        ),
    ),
    CHOICES: Columns(
        plain=frozenset({"list_name", "name", "hilo::exclusive", "hilo::case"}),
        texts=frozenset({"label"}),
        passed_over=frozenset({"order"}),
        refused=Fixed(
            {
                "media::image": "a button has no pictures: say it in the label, and empty this cell",
                "media::big-image": "a button has no pictures: say it in the label, and empty this cell",
                "media::video": "a button has no pictures: say it in the label, and empty this cell",
                "media::audio": "record the whole question, on the survey sheet, and empty this cell",
            }
        ),
    ),
    SETTINGS: Columns(
        plain=frozenset({"form_title", "form_id", "id_string", "version", "default_language"}),
        texts=frozenset(),
        passed_over=_words(
            "style instance_name instance_xmlns namespaces allow_choice_duplicates auto_send auto_delete",
            "client_editable clean_text_values omit_instanceid name prefix delimiter description sector country",
            "share-metadata operational_purpose collects_pii",
        ),
        refused=Fixed(
            {
                "public_key": "answers are sealed with this installation's own key: empty this cell",
                "submission_url": "answers are kept in this installation and sent nowhere else: empty this cell",
                "add_none_option": "write the choice on the choices sheet, with 'hilo::exclusive', and empty this cell",
            }
        ),
    ),
}

PREFIXES = frozenset({"hilo", "media", "bind", "control", "body", "instance"})
"""What stands before `::` and is no column by itself."""

COLUMN_ALIASES = {
    "relevance": "relevant",
    "calculate": "calculation",
    "constraining_message": "constraint_message",
    "readonly": "read_only",
    "requiredmsg": "required_message",
    "noapperrorstring": "no_app_error_string",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "caption": "label",
    "set_form_title": "form_title",
    "set_form_id": "form_id",
    "title": "form_title",
    "bind::relevant": "relevant",
    "bind::required": "required",
    "bind::constraint": "constraint",
    "bind::calculate": "calculation",
    "bind::readonly": "read_only",
    "bind::jr:constraintmsg": "constraint_message",
    "bind::jr:requiredmsg": "required_message",
    "control::appearance": "appearance",
    "control::jr:count": "repeat_count",
    "body::appearance": "appearance",
    **{kind: f"media::{kind}" for kind in ("audio", "image", "big-image", "video")},
}

TYPE_ALIASES = {
    **dict.fromkeys(("select one", "select one from", "select_one from", "select1"), "select_one"),
    **dict.fromkeys(
        (
            "select multiple", "select multiple from", "select_multiple from",
            "select all that apply", "select all that apply from",
        ),
        "select_multiple",
    ),
    "int": "integer",
    "string": "text",
    "trigger": "acknowledge",
    "begin group": "begin_group",
    "end group": "end_group",
    "begin repeat": "begin_repeat",
    "end repeat": "end_repeat",
    "begin loop": "begin_repeat",
    "end loop": "end_repeat",
    "date time": "datetime",
    "photo": "image",
    "location": "geopoint",
    "select one from file": "select_one_from_file",
    "select multiple from file": "select_multiple_from_file",
    "select one external": "select_one_external",
    **dict.fromkeys(("start time", "get start time"), "start"),
    **dict.fromkeys(("end time", "get end time"), "end"),
    "get today": "today",
    **dict.fromkeys(("device id", "get device id", "imei"), "deviceid"),
    **dict.fromkeys(("phone number", "get phone number", "phone_number"), "phonenumber"),
    **dict.fromkeys(("subscriber id", "get subscriber id"), "subscriberid"),
    **dict.fromkeys(("sim id", "get sim id", "sim_serial"), "simserial"),
}  # fmt: skip
_MOST_WORDS = max(len(alias.split()) for alias in TYPE_ALIASES)

METADATA = _words("start end today deviceid username phonenumber email subscriberid simserial audit")
"""Rows about the telephone and the hour, which other builders add by themselves: nobody is asked, nothing is kept."""

_NO_PLACE = "nobody is asked where she is: ask for the municipality in words, or remove the row"
_NO_FILE = "ask for words or a voice note (type text or audio), or remove the row"
_NO_OTHER_FILE = "copy the choices to the choices sheet and write 'select_one LIST' or 'select_multiple LIST'"
_NO_GRID = "write each of its rows as a question of type select_one"

REFUSED_TYPES = {
    **dict.fromkeys(("geopoint", "geotrace", "geoshape", "start-geopoint", "background-geopoint", "osm"), _NO_PLACE),
    **dict.fromkeys(("image", "video", "file", "barcode"), _NO_FILE),
    "background-audio": "nobody is recorded without knowing: remove the row",
    "range": "write 'integer' with a constraint, as in '. >= 0 and . <= 10': its numbers become buttons",
    "rank": "ask for the first one with 'select_one LIST', then for the second",
    "time": "write 'text', or 'select_one LIST' with the hours to choose from",
    "datetime": "write 'date'; ask for the hour in a question of its own, if it matters",
    "begin_repeat": "there are no repeats here: write its questions once for each time, and remove 'begin repeat' and"
    " 'end repeat'",
    **dict.fromkeys(
        ("select_one_from_file", "select_multiple_from_file", "select_one_external", "select_multiple_external"),
        _NO_OTHER_FILE,
    ),
    **dict.fromkeys(("xml-external", "csv-external"), "copy what it holds to the choices sheet, and remove the row"),
    **dict.fromkeys(("hidden", "calculate_here"), "write 'calculate' with a calculation"),
    "begin_score": _NO_GRID,
    "begin_rank": "ask for the first one with 'select_one LIST', then for the second",
    "begin_kobomatrix": _NO_GRID,
    "entities": "there are no entities here: remove the row",
}
"""Types of XLSForm's and KoBoToolbox's that are not asked here, and what to write instead."""

GONE_WITH_THEIR_BEGINNING = _words("end_repeat end_score end_rank end_kobomatrix score__row rank__level")
"""Rows that belong to a refused one above, and need no refusal of their own."""

REFUSED_SHEETS = {
    "external_choices": "copy its rows to the choices sheet, and remove it",
    "entities": "remove it",
    "osm": "remove it",
}
"""Sheets that XLSForm knows and the engine does not."""

REFUSED_APPEARANCES = {
    "search(": "copy the choices to the choices sheet, and empty this cell",
    "ex:": "no other application can be called from a chat: empty this cell",
    "label": "this heads a grid and asks nothing: write type 'note', or remove the row",
}
"""How these begin, and what to do; all other appearances are about screens that a chat does not have."""

HARMLESS_PARAMETERS = Fixed({"audio": ("quality=",), "text": ("rows=",)})
"""Parameters about the telephone and the screen, by the type that has them."""


def standard_type(cell: str) -> str:
    """The cell of a type column in this house's spelling, names of lists untouched."""
    words = cell.split()
    for count in range(min(len(words), _MOST_WORDS), 0, -1):
        alias = " ".join(words[:count]).lower()
        if alias in TYPE_ALIASES:
            return " ".join([TYPE_ALIASES[alias], *words[count:]])
    return " ".join([word.lower() for word in words[:1]] + words[1:])
