"""What can be fetched of what she sends: the file as it stands with Telegram, for what we may want and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.routing import ATTACHMENTS, FETCHED, MAX_NAME, read
from scheduler.dialogue import Attached, FileSent, Wrote

NOON = datetime(2026, 3, 4, 18, tzinfo=UTC)


def attached(content: dict[str, Any]) -> Attached:
    incoming = read({"message": {"message_id": 9, "chat": {"id": 101, "type": "private"}, **content}}, NOON)
    assert incoming is not None
    assert isinstance(incoming.event, Attached)
    return incoming.event


@pytest.mark.parametrize(
    ("content", "kind", "file"),
    [
        ({"voice": {"file_id": "v1", "file_size": 900, "duration": 64}}, "voice", FileSent("v1", 900, "", 64)),
        ({"voice": {"file_id": "v1", "duration": 3}}, "voice", FileSent("v1", None, "", 3)),
        (
            {"audio": {"file_id": "a1", "file_size": 7, "duration": 5, "file_name": "nota.m4a", "title": "x"}},
            "audio",
            FileSent("a1", 7, "nota.m4a", 5),
        ),
        (
            {"document": {"file_id": "d1", "file_size": 8, "file_name": "hoja.xlsx"}, "caption": "toma"},
            "document",
            FileSent("d1", 8, "hoja.xlsx"),
        ),
        ({"document": {"file_id": "d1"}}, "document", FileSent("d1")),
        ({"animation": {"file_id": "g1"}, "document": {"file_id": "g1", "file_name": "x.mp4"}}, "animation", None),
        ({"video_note": {"file_id": "n1", "duration": 5, "file_size": 8}}, "video_note", None),
        ({"photo": [{"file_id": "p0"}, {"file_id": "p1", "file_size": 8}]}, "photo", FileSent("p1", 8)),
        ({"voice": {}}, "voice", None),
        ({"story": {}}, "other", None),
    ],
)
def test_a_file_is_known_by_what_can_be_fetched_of_it(content: dict[str, Any], kind: str, file: FileSent) -> None:
    assert attached(content) == Attached(NOON, kind, file, content.get("caption", ""))


def test_words_below_a_picture_are_read_and_so_is_a_change_of_them() -> None:
    assert attached({"photo": [{"file_id": "p1"}], "caption": "mi recibo"}).caption == "mi recibo"
    message = {"message_id": 9, "chat": {"id": 101, "type": "private"}, "photo": [{"file_id": "p1"}]}
    changed = read({"edited_message": {**message, "caption": "mi recibo de luz"}}, NOON)
    assert changed is not None
    assert (changed.event, changed.about) == (Wrote(NOON, "mi recibo de luz", edited=True), 9)
    assert read({"edited_message": message}, NOON) is None


@pytest.mark.parametrize("name", ["../../etc/passwd", "hoja\x00\n.xlsx", "xslx.\u202egpj", "", "h" * 5000])
def test_a_name_is_kept_as_words_and_cut_where_file_systems_would(name: str) -> None:
    file = attached({"document": {"file_id": "d1", "file_name": name}}).file
    assert file is not None
    assert file.name == name[:MAX_NAME]


def test_only_what_is_sent_as_a_file_is_fetched() -> None:
    assert set(FETCHED) < set(ATTACHMENTS)
    fetched = {kind for kind in ATTACHMENTS if kind != "photo" and attached({kind: {"file_id": "x"}}).file is not None}
    assert fetched == {"voice", "audio", "video", "document"}
