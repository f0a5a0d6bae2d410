"""What is known of the backups: when the last was made, what failed, which are kept, and that one was proved elsewhere.

* A proof is a code that a person brings back: another machine has opened a backup of this installation with its key.
  Nobody makes one up without the key, and it says nothing of either machine.
"""

from __future__ import annotations

from base64 import b32decode, b32encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from storage import audit, installation
from storage.backups import Manifest
from storage.database import Tx
from storage.vault import Vault

NIGHTLY, SUFFIX = "hilo-", ".backup"
_STAMP = "%Y%m%dT%H%M%SZ"

_LAST, _FAILED, _UNHEARD, _PROVED, _WANTED = (
    *("backup_last", "backup_failed", "backup_ping_failed", "backup_proved", "backup_wanted_since"),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands: when the last backup was made; since when making one, or telling the watcher, has failed, and by
    which error; when a backup was last proved on another machine, and when that one was made."""

    last_at: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""
    unheard_at: datetime | None = None
    proved_at: datetime | None = None
    proved_of: date | None = None


@dataclass(frozen=True, slots=True)
class _Fact:
    at: datetime
    what: str = ""


_FACT: TypeAdapter[_Fact] = TypeAdapter(_Fact)


async def standing(tx: Tx) -> Standing:
    """How it stands now."""
    last, failed, unheard, proved = [await _recall(tx, name) for name in (_LAST, _FAILED, _UNHEARD, _PROVED)]
    return Standing(
        last_at=None if last is None else last.at,
        failed_at=None if failed is None else failed.at,
        error="" if failed is None else failed.what,
        unheard_at=None if unheard is None else unheard.at,
        proved_at=None if proved is None else proved.at,
        proved_of=None if proved is None else date.fromisoformat(proved.what),
    )


async def _recall(tx: Tx, name: str) -> _Fact | None:
    told = await installation.recall(tx, name)
    return _FACT.validate_json(told) if told else None


def _told(at: datetime, what: str = "") -> str:
    return _FACT.dump_json(_Fact(at, what)).decode()


async def made(tx: Tx, manifest: Manifest, *, by: str) -> None:
    """A backup stands under its name."""
    await installation.remember(tx, {_LAST: _told(manifest.made_at, manifest.id), _FAILED: ""})
    await audit.append(tx, [audit.Act(by, "backup_made", None, manifest.id)])


async def came_from(tx: Tx, manifest: Manifest) -> None:
    """This store was a backup, which did not know of itself."""
    await installation.remember(tx, {_LAST: _told(manifest.made_at, manifest.id)})


async def failed(tx: Tx, error: str) -> None:
    """None could be made, for a reason of this kind."""
    await installation.remember(tx, {_FAILED: _told(tx.now, error)})


async def heard(tx: Tx, *, reached: bool) -> None:
    """Whoever watches for our sign of life has got it, or has not."""
    await installation.remember(tx, {_UNHEARD: "" if reached else _told(tx.now)})


async def wanted_since(tx: Tx) -> datetime | None:
    """Since when backups are to be made nightly, where none was made yet."""
    found = await _recall(tx, _WANTED)
    return None if found is None else found.at


async def want(tx: Tx) -> None:
    """From now on they are to be made nightly."""
    await installation.remember(tx, {_WANTED: _told(tx.now)})


# --- which are kept


@dataclass(frozen=True, slots=True)
class Kept:
    """How many are kept: the newest of so many days, of so many weeks, and of so many months."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 6


def nightly_name(at: datetime) -> str:
    """The name of the backup of that moment."""
    return f"{NIGHTLY}{at.astimezone(UTC).strftime(_STAMP)}{SUFFIX}"


def nightly(folder: Path) -> dict[Path, datetime]:
    """The backups in this folder that were made nightly, by their names, and when each was made; the newest first."""
    found = {file: at for file in folder.glob(f"{NIGHTLY}*{SUFFIX}") if (at := _made_at(file)) is not None}
    return dict(sorted(found.items(), key=lambda each: each[1], reverse=True))


def _made_at(file: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(file.name.removeprefix(NIGHTLY).removesuffix(SUFFIX)).astimezone(UTC)
    except ValueError:
        return None


def spare(moments: Iterable[datetime], kept: Kept) -> set[datetime]:
    """Which backups are not kept, of those that were made at these moments."""
    newest_first = sorted(moments, reverse=True)
    stays: set[datetime] = set()
    for number, span in ((kept.daily, "%Y-%m-%d"), (kept.weekly, "%G-%V"), (kept.monthly, "%Y-%m")):
        newest_of: dict[str, datetime] = {}
        for moment in newest_first:
            newest_of.setdefault(moment.strftime(span), moment)
        stays |= set(list(newest_of.values())[:number])
    return set(newest_first) - stays


def drop_spare(folder: Path, kept: Kept) -> datetime | None:
    """Delete the nightly backups that are not kept; returns when the oldest that stays was made."""
    found = nightly(folder)
    gone = spare(found.values(), kept)
    for file, at in found.items():
        if at in gone:
            file.unlink(missing_ok=True)
    return min((at for at in found.values() if at not in gone), default=None)


# --- that one was proved elsewhere

_EPOCH = date(2020, 1, 1)
_MACHINE, _MAC = 4, 6
"""Bytes of a code that say which machine, and that it is no invention: one in 2^48 guesses fits."""


class ProofInvalid(ValueError):
    """The code proves nothing; the message says why."""


def proof(vault: Vault, manifest: Manifest, *, machine: str) -> str:
    """The code by which it is known that this machine has opened this backup: four groups of five characters."""
    days = (manifest.made_at.astimezone(UTC).date() - _EPOCH).days
    told = days.to_bytes(2) + _machine(vault, machine)
    code = b32encode(told + _mac(vault, told)).decode().rstrip("=")
    return "-".join(code[at : at + 5] for at in range(0, len(code), 5))


def read_proof(vault: Vault, code: str, *, machine: str) -> date:
    """When the backup was made that was opened, as the code says, on another machine than this. Raises ProofInvalid."""
    try:
        letters = code.replace("-", "").replace(" ", "").upper()
        plain = b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        plain = b""
    told, mac = plain[: 2 + _MACHINE], plain[2 + _MACHINE :]
    if len(plain) != 2 + _MACHINE + _MAC or mac not in _macs(vault, told):
        raise ProofInvalid("this is no code that hilo restore --check gave for a backup of this installation")
    if told[2:] in _machines(vault, machine):
        raise ProofInvalid("this backup was proved on this very machine: prove one where this disk is not")
    return _EPOCH + timedelta(days=int.from_bytes(told[:2]))


def _digests(vault: Vault, text: str) -> list[bytes]:
    return [bytes.fromhex(digest.partition(".")[2]) for digest in vault.digests("backup_proof", text)]


def _machine(vault: Vault, machine: str) -> bytes:
    return _digests(vault, f"machine:{machine}")[0][:_MACHINE]


def _machines(vault: Vault, machine: str) -> list[bytes]:
    return [digest[:_MACHINE] for digest in _digests(vault, f"machine:{machine}")]


def _mac(vault: Vault, told: bytes) -> bytes:
    return _digests(vault, f"proof:{told.hex()}")[0][:_MAC]


def _macs(vault: Vault, told: bytes) -> list[bytes]:
    return [digest[:_MAC] for digest in _digests(vault, f"proof:{told.hex()}")]


async def proved(tx: Tx, of: date) -> None:
    """A backup that was made on that day was opened on another machine."""
    await installation.remember(tx, {_PROVED: _told(tx.now, of.isoformat())})
    await audit.append(tx, [audit.Act(audit.acting(None), "backup_proved", None, of.isoformat())])
