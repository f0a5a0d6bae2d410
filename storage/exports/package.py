"""What makes a folder of files a data package: a description that programs read, and a script that R runs.

* `datapackage.json` follows Frictionless Data (Data Package and Table Schema, version 1): each file with its columns,
  their types and labels, its size and the SHA-256 of its bytes.
* `read_hilo.R` needs nothing but R for CSV; for the other formats it names the package that it uses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from storage.exports.shape import MISSING, Column, Table
from storage.exports.staging import sha256

NAME, SCRIPT = "datapackage.json", "read_hilo.R"
_SOURCE = Path(__file__).with_name(SCRIPT)

_TYPES = {
    pa.string(): "string",
    pa.int64(): "integer",
    pa.int8(): "integer",
    pa.float64(): "number",
    pa.date32(): "date",
}
_MEDIA = {
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
    "sav": "application/x-spss-sav",
    "dta": "application/x-stata-dta",
}


def write_package(
    folder: Path, written: Sequence[tuple[Table, Sequence[Path]]], *, at: datetime, separator: str
) -> list[Path]:
    """Write both beside these tables' files; the description comes last."""
    script = folder / SCRIPT
    source = _SOURCE.read_text(encoding="utf-8")
    script.write_text(source.replace("@SEPARATOR@", separator.replace("\t", "\\t")), encoding="utf-8")
    described = {
        "profile": "data-package",
        "name": "hilo-export",
        "title": "Hilo",
        "created": at.astimezone(UTC).isoformat(timespec="seconds"),
        "resources": [_resource(table, files, separator=separator) for table, files in written],
    }
    package = folder / NAME
    package.write_text(json.dumps(described, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return [script, package]


def _resource(table: Table, files: Sequence[Path], *, separator: str) -> dict[str, Any]:
    kind = files[0].suffix.removeprefix(".")
    described: dict[str, Any] = {
        "name": table.name,
        "title": table.label,
        "path": files[0].name if len(files) == 1 else [file.name for file in files],
        "format": kind,
        "mediatype": _MEDIA[kind],
        "schema": {"fields": [_field(column) for column in table.columns], "missingValues": [""]},
    }
    hashes = [f"sha256:{sha256(file)}" for file in files]
    if kind != "csv":  # frictionless counts the bytes of nothing but text
        described["hilo:hash"] = hashes
    else:
        described |= {"hash": hashes[0], "bytes": files[0].stat().st_size}
        comma = "," if table.name == "codebook_redcap" else separator
        described |= {"encoding": "utf-8", "profile": "tabular-data-resource", "dialect": _dialect(comma)}
    return described


def _dialect(separator: str) -> Mapping[str, Any]:
    return {"delimiter": separator, "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True, "header": True}


def _field(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.name, "type": _TYPES[column.type], "title": column.label}
    if column.values:
        described["hilo:values"] = dict(column.values)
    if column.missing:
        described["hilo:missing"] = {str(code): told for code, told in MISSING.items()}
    return described
