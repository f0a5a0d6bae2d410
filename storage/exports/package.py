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
    script.write_text(_R.replace("@SEPARATOR@", separator.replace("\t", "\\t")), encoding="utf-8")
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


_R = """\
# Reads the tables of a Hilo export into a list of data frames, with the labels of the codebook.
#
#   hilo <- read_hilo("the folder")
#   attr(hilo$people$centre, "label"); attr(hilo$people$centre, "labels")
#
# CSV needs nothing but R. Parquet needs the package arrow, .sav and .dta need haven, .jsonl needs jsonlite.
# The codes -66, -77, -88 and -99 say why an answer is missing; as_missing() turns them into NA.

hilo_missing <- c(-66, -77, -88, -99)

as_missing <- function(x) {
  x[!is.na(x) & as.character(x) %in% as.character(hilo_missing)] <- NA
  x
}

hilo_read_one <- function(path) {
  switch(tools::file_ext(path),
    csv = utils::read.csv(path, sep = "@SEPARATOR@", fileEncoding = "UTF-8-BOM", na.strings = "",
                          stringsAsFactors = FALSE, check.names = FALSE),
    parquet = as.data.frame(arrow::read_parquet(path)),
    jsonl = jsonlite::stream_in(file(path), verbose = FALSE),
    sav = haven::read_sav(path, user_na = TRUE),
    dta = haven::read_dta(path)
  )
}

read_hilo <- function(folder = ".") {
  files <- list.files(folder, pattern = "[.](csv|parquet|jsonl|sav|dta)$", full.names = TRUE)
  files <- files[basename(files) != "codebook_redcap.csv"]
  tables <- lapply(files, hilo_read_one)
  names(tables) <- sub("[.][a-z]+$", "", basename(files))
  book <- tables$codebook
  for (name in setdiff(names(tables), c("codebook", "metadata"))) {
    own <- book[book$table == sub("_[0-9]+$", "", name) & is.na(book$instrument), ]
    for (column in intersect(names(tables[[name]]), own$variable)) {
      rows <- own[own$variable == column, ]
      attr(tables[[name]][[column]], "label") <- rows$label[1]
      codes <- rows[!is.na(rows$choice), ]
      if (nrow(codes) > 0 && !(tools::file_ext(files[names(tables) == name]) %in% c("sav", "dta"))) {
        attr(tables[[name]][[column]], "labels") <- stats::setNames(codes$choice, codes$choice_label)
      }
    }
  }
  tables
}
"""
