"""The vault: what is sealed opens at its own place alone, and only for who holds the key."""

import json
import stat
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import (
    KEY_BYTES,
    KeyFileInvalid,
    Keys,
    Place,
    Unsealable,
    Vault,
    create_key_file,
    open_vault,
    read_keys,
    write_whole,
)
from tests.support.world import CountedIds

CHANCE = CountedIds("vault").chance
OLD, NEW = b"o" * KEY_BYTES, b"n" * KEY_BYTES
HERE = Place("vault", "name", 7)


def vault(**sealing: bytes) -> Vault:
    return Vault(Keys(sealing or {"s1": OLD}, {"d1": OLD}, {"a1": OLD}), chance=CHANCE)


@given(plain=st.binary(max_size=200), row=st.integers(0, 2**63 - 1) | st.text(max_size=20))
def test_what_is_sealed_opens(plain: bytes, row: int | str) -> None:
    place = Place("answers", "raw", row)
    sealed = vault().seal(place, plain)
    assert vault().open(place, sealed) == plain
    assert sealed != vault().seal(place, plain), "no nonce is used twice"


@pytest.mark.parametrize("place", [Place("vault", "name", 8), Place("vault", "phone", 7), Place("staff", "name", 7)])
def test_it_opens_nowhere_else(place: Place) -> None:
    sealed = vault().seal(HERE, b"Rosa")
    with pytest.raises(Unsealable, match=f"{place.table}.{place.column}: not sealed for this row"):
        vault().open(place, sealed)


def test_what_was_altered_does_not_open() -> None:
    sealed = vault().seal(HERE, b"Rosa")
    for at in range(len(sealed)):
        altered = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(Unsealable):
            vault().open(HERE, altered)
    for short in (b"", b"s1", b"s1.", sealed[:10], sealed[:-1]):
        with pytest.raises(Unsealable):
            vault().open(HERE, short)


def test_another_key_does_not_open() -> None:
    sealed = vault(s1=OLD).seal(HERE, b"Rosa")
    with pytest.raises(Unsealable, match="not sealed for this row"):
        vault(s1=NEW).open(HERE, sealed)
    with pytest.raises(Unsealable, match="no such key"):
        vault(s2=NEW).open(HERE, sealed)


def test_while_keys_change_old_rows_read_and_new_rows_use_the_new_key() -> None:
    old, both = vault(s1=OLD), vault(s1=OLD, s2=NEW)
    assert both.open(HERE, old.seal(HERE, b"Rosa")) == b"Rosa"
    assert both.seal(HERE, b"Rosa").startswith(b"s2.")
    assert vault(s2=NEW).open(HERE, both.seal(HERE, b"Rosa")) == b"Rosa"


def test_what_is_looked_up_is_found_under_every_live_key_the_one_in_use_first() -> None:
    before = vault()
    after = Vault(Keys({"s1": OLD}, {"d1": OLD, "d2": NEW}, {"a1": OLD}), chance=CHANCE)
    assert after.digests("lane", "7:501") == [after.digest("lane", "7:501"), before.digest("lane", "7:501")]
    assert after.digest("lane", "7:501").startswith("d2.")
    assert before.digest("lane", "7:501") != before.digest("record_id", "7:501")
    assert len(before.digest("lane", "7:501")) == len("d1.") + 32


def test_a_missing_text_stays_missing() -> None:
    assert vault().seal_text(HERE, None) is None
    assert vault().open_text(HERE, None) is None
    assert vault().open_text(HERE, vault().seal_text(HERE, "Ñoña")) == "Ñoña"


# --- the key file


def test_the_key_file_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create_key_file(path, CHANCE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        create_key_file(path, CHANCE)
    assert path.read_bytes() == before
    first, second = open_vault(path, CHANCE), open_vault(path, CHANCE)
    assert second.open(HERE, first.seal(HERE, b"Rosa")) == b"Rosa"


@pytest.mark.holds("S-28")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    create_key_file(path, CHANCE)
    path.chmod(mode)
    with pytest.raises(KeyFileInvalid, match="chmod 600"):
        open_vault(path, CHANCE)


KEY = b64encode(OLD).decode()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "null",
        {"sealing": {"s1": KEY}},
        {"sealing": {"s1": KEY}, "lookup": {"d1": KEY}},
        {"sealing": {}, "lookup": {"d1": KEY}, "audit": {"a1": KEY}},
        {"sealing": {"s1": KEY[:-8]}, "lookup": {"d1": KEY}, "audit": {"a1": KEY}},
        {"sealing": {"s1": 7}, "lookup": {"d1": KEY}, "audit": {"a1": KEY}},
        {"sealing": [KEY], "lookup": {"d1": KEY}, "audit": {"a1": KEY}},
        {"sealing": {"first": KEY}, "lookup": {"d1": KEY}, "audit": {"a1": KEY}},
    ],
)
def test_a_damaged_key_file_is_refused_without_showing_it(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(KeyFileInvalid, match="is damaged") as refused:
        open_vault(path, CHANCE)
    assert KEY[:8] not in str(refused.value)


def test_a_missing_key_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyFileInvalid, match="there is no key file"):
        open_vault(tmp_path / "key", CHANCE)


# --- keys that change


def test_fresh_keys_come_last_and_no_id_is_used_twice() -> None:
    first = Keys({"s1": OLD}, {"d1": OLD}, {"a1": OLD})
    second = first.with_fresh(CHANCE)
    assert (list(second.sealing), list(second.lookup), list(second.audit)) == (["s1", "s2"], ["d1", "d2"], ["a1", "a2"])
    assert second.changing
    assert not first.changing
    last = second.without_earlier()
    assert (list(last.sealing), list(last.lookup), list(last.audit)) == (["s2"], ["d2"], ["a1", "a2"])
    assert list(last.with_fresh(CHANCE).sealing) == ["s2", "s3"]
    assert last.marks() < second.marks()
    assert all(KEY[:8] not in mark for mark in first.marks())


def test_a_vault_notices_that_its_key_file_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create_key_file(path, CHANCE)
    running, other = open_vault(path, CHANCE), open_vault(path, CHANCE)
    early = running.seal(HERE, b"Rosa")
    write_whole(path, other.fresh_keys().as_text())
    other.refresh()
    assert running.open(HERE, other.seal(HERE, b"Luz")) == b"Luz", "a key that it did not know"
    assert running.seal(HERE, b"Rosa").startswith(b"s2.")
    assert running.digests("record_id", "x") == other.digests("record_id", "x")
    assert running.renewed(HERE, early).startswith(b"s2.")
    write_whole(path, other.keys.without_earlier().as_text())
    running.refresh()
    assert running.open(HERE, early) == b"Rosa", "what it has known it still knows"
    assert len(running.digests("record_id", "x")) == 1
    with pytest.raises(Unsealable, match="no such key"):
        open_vault(path, CHANCE).open(HERE, early)


def test_a_vault_goes_on_with_what_it_knows_while_its_key_file_is_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "key"
    create_key_file(path, CHANCE)
    running = open_vault(path, CHANCE)
    path.rename(tmp_path / "away")
    for _ in range(3):
        running.refresh()
    assert running.open(HERE, running.seal(HERE, b"Rosa")) == b"Rosa"
    assert [record.message for record in caplog.records] == ["the key file cannot be read any more"], "once"
    (tmp_path / "away").rename(path)
    running.refresh()
    assert running.keys == read_keys(path)


def test_a_file_is_replaced_whole_whatever_a_killed_writer_left(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.with_name("key.new").write_text("half")
    write_whole(path, "first")
    write_whole(path, "second")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("second", 0o600)
    assert [file.name for file in tmp_path.iterdir()] == ["key"]
