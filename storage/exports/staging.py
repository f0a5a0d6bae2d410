"""Where an export is written: beside its target first, and there all at once when it is whole.

* Nothing that is there is replaced unasked, and an export that fails leaves nothing behind.
* Files are their owner's alone, from the first byte.
* In a folder only the export's own files are replaced. Files in a ZIP bear the time of the cut-off.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_LEVEL = 3
"""Of compression: half the time of zlib's own choice, for a tenth more bytes."""


@dataclass(slots=True)
class Staging:
    """A folder to write in, which becomes `out` when it is published. `at`: the cut-off, which files in a ZIP bear."""

    folder: Path
    out: Path
    at: datetime
    files: list[Path] = field(default_factory=list)

    def add(self, files: Sequence[Path]) -> None:
        """These are whole, and belong to the export."""
        self.files.extend(files)

    @property
    def packed(self) -> bool:
        """Whether all goes into one ZIP."""
        return self.out.suffix.lower() == ".zip"

    def pack(self, *, single: bool) -> str:
        """Make what will be published; returns the SHA-256 of its bytes (of a folder: of its data package, which has
        those of all other files). `single`: the export is one file by its nature."""
        for file in self.files:
            file.chmod(0o600)
        if self.packed and not single:
            self.files = [self._zip()]
        return sha256(self.files[-1])

    def _zip(self) -> Path:
        packed = self.folder / "packed.zip"
        with open(packed, "wb", opener=_for_owner_alone) as file, ZipFile(file, "w") as archive:
            for part in self.files:
                member = ZipInfo(part.name, date_time=self.at.timetuple()[:6])
                member.compress_type, member._compresslevel = ZIP_DEFLATED, _LEVEL  # type: ignore[attr-defined]
                member.external_attr = 0o600 << 16
                with archive.open(member, "w", force_zip64=True) as inside, part.open("rb") as written:
                    shutil.copyfileobj(written, inside, 1 << 20)
                part.unlink()
        return packed

    def publish(self, *, single: bool) -> None:
        """Put it where it was wanted."""
        if single or self.packed:
            (file,) = self.files
            file.replace(self.out)
            return
        self.out.mkdir(mode=0o700, exist_ok=True)
        for file in self.files:
            file.replace(self.out / file.name)


@contextmanager
def staging(out: Path, *, at: datetime, force: bool, single: bool = False) -> Iterator[Staging]:
    """A place to write an export in, gone afterwards; `single`: the export is one file by its nature.

    Raises FileExistsError if something is at `out` and `force` does not allow replacing it, or nothing could,
    FileNotFoundError if there is no folder to put it in, and OSError where nothing can be written.
    """
    _require_free(out, force=force)
    stage = Staging(out.with_name(f".{out.name}.part"), out, at)
    if out.exists() and not (out.is_file() if single or stage.packed else out.is_dir()):
        raise FileExistsError(errno.EEXIST, "is of another kind than what would take its place", str(out))
    shutil.rmtree(stage.folder, ignore_errors=True)  # of an export that was killed
    try:
        stage.folder.mkdir(mode=0o700)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(out)) from None
    try:
        yield stage
    finally:
        shutil.rmtree(stage.folder, ignore_errors=True)


def _require_free(out: Path, *, force: bool) -> None:
    if not out.name:
        raise FileNotFoundError(errno.ENOENT, "is no name for an export", str(out))
    if out.exists() and not force:
        raise FileExistsError(errno.EEXIST, "is there already: choose another name, or --force to replace it", str(out))
    if not out.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(out.parent))


def sha256(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as bytes_:
        return hashlib.file_digest(bytes_, "sha256").hexdigest()


def _for_owner_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
