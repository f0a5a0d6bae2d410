"""Tables into one workbook (XLSX, ECMA-376): a sheet each, typed cells, a header that stays, and filters.

* Rows go into the file as they come, put together by Arrow a column at a time; nothing of them is kept. A table with
  more rows than a sheet holds goes on in a numbered sheet.
* No cell is a formula or a link, and none begins as one. The same rows are the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from storage.exports.cells import harmless, holds_any
from storage.exports.decoding import each_different
from storage.exports.exporting import ExportRefused
from storage.exports.shape import TEXT, Table

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_LETTERS = 32_767
"""What a sheet and a cell hold (Excel's specifications and limits)."""

MOST_BYTES = 1 << 30
"""Of a sheet's XML, after which the table goes on in the next one: a part of 4 GB would need a newer kind of ZIP."""

_LEVEL = 3
"""Of compression: half the time of zlib's own choice, for a tenth more bytes."""

_AT_ONCE = 1 << 17
"""Cells that are put together at a time."""

_SINCE = (date(1970, 1, 1) - date(1899, 12, 30)).days
"""From the day that Excel counts from to that which Arrow does."""

_BOLD, _DAY = ' s="1"', ' s="2"'
"""Formats, by their places in _STYLES."""

_MARKS = b"&<>_" + bytes(range(9)) + bytes(range(11, 32)) + b"\xef"
"""Bytes of what XML cannot hold as it is; the last one begins U+FFFE and U+FFFF."""

_NOT_XML = re.compile("_(?=x[0-9a-fA-F]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_SPACES, _EDGE = b" \t\n", r"^\s|\s$"

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_CONTENT_TYPES = f"""{_XML}<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="{_SPREADSHEET}.worksheet+xml"/>\
<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>\
<Override PartName="/xl/styles.xml" ContentType="{_SPREADSHEET}.styles+xml"/>\
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>\
</Types>"""

_RELATIONS = f"""{_XML}<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>\
<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>\
</Relationships>"""

_CORE = f"""{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" \
xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\
<dcterms:created xsi:type="dcterms:W3CDTF">{{}}</dcterms:created></cp:coreProperties>"""

_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}">\
<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""

_SHEET = f"""{_XML}<worksheet xmlns="{_MAIN}">\
<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>\
<selection pane="bottomLeft"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/><sheetData>"""


class WorkbookWriter:
    """One workbook at `path`, which says that it was made at `at`."""

    _sheet: IO[bytes]
    _table: Table

    def __init__(self, path: Path, *, at: datetime, most_rows: int = MOST_ROWS, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._at = at
        self._most_rows, self._most_bytes = most_rows, most_bytes
        self._names: list[str] = []
        self._filters: list[str] = []
        self._number = self._rows = self._bytes = 0
        self._file = ZipFile(path, "w")
        self._put_part("[Content_Types].xml", _CONTENT_TYPES)

    def open(self, table: Table) -> None:
        """Begin a table. Raises ExportRefused if it is wider than a sheet."""
        if (columns := len(table.columns)) > MOST_COLUMNS:
            raise ExportRefused(f"{table.name} has {columns} columns, a sheet {MOST_COLUMNS}: choose another format")
        self._table, self._number = table, 0
        self._next_sheet()

    def _next_sheet(self) -> None:
        self._number += 1
        self._names.append(self._table.name + (f"_{self._number}" if self._number > 1 else ""))
        self._sheet = self._file.open(self._member(f"xl/worksheets/sheet{len(self._names)}.xml"), "w")
        self._sheet.write(_SHEET.encode())
        self._rows = self._bytes = 0
        self._put(pa.RecordBatch.from_pydict({name: [name] for name in self._table.names}), style=_BOLD)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows, each cell as what it is."""
        at_once = max(1, _AT_ONCE // len(self._table.columns))
        while batch.num_rows:
            if self._rows >= self._most_rows or self._bytes >= self._most_bytes:
                self._end_sheet()
                self._next_sheet()
            taken = min(at_once, self._most_rows - self._rows)
            self._put(harmless(batch.slice(0, taken)))
            batch = batch.slice(taken)

    def _put(self, batch: pa.RecordBatch, *, style: str = "") -> None:
        numbers = pa.array(np.arange(batch.num_rows) + self._rows + 1).cast(pa.string())
        cells = [
            _cells(column, at=_letters(place), rows=numbers, style=style) for place, column in enumerate(batch.columns)
        ]
        rows = pc.binary_join_element_wise('<row r="', numbers, '">', *cells, "</row>", "")
        self._rows += batch.num_rows
        self._bytes += self._sheet.write(_bytes(rows))

    def _end_sheet(self) -> None:
        last = _letters(len(self._table.columns) - 1)
        self._sheet.write(f'</sheetData><autoFilter ref="A1:{last}{self._rows}"/></worksheet>'.encode())
        self._sheet.close()
        self._filters.append(f"{self._names[-1]}!$A$1:${last}${self._rows}")

    def close(self) -> Sequence[Path]:
        """End the table; its sheets have no file of their own."""
        self._end_sheet()
        return ()

    def finish(self) -> Sequence[Path]:
        """Write what holds the sheets together."""
        made = self._at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._put_part("_rels/.rels", _RELATIONS)
        self._put_part("docProps/core.xml", _CORE.format(made))
        self._put_part("xl/styles.xml", _STYLES)
        self._put_part("xl/workbook.xml", _book(self._names, self._filters))
        self._put_part("xl/_rels/workbook.xml.rels", _book_relations(len(self._names)))
        self._file.close()
        return (self._path,)

    def _put_part(self, name: str, text: str) -> None:
        self._file.writestr(self._member(name), text)

    def _member(self, name: str) -> ZipInfo:
        member = ZipInfo(name, date_time=self._at.timetuple()[:6])
        member.compress_type, member._compresslevel = ZIP_DEFLATED, _LEVEL  # type: ignore[attr-defined]
        return member

    def give_up(self) -> None:
        """Let go of the file."""
        with suppress(OSError, ValueError):  # it is broken off wherever it is
            if hasattr(self, "_sheet"):
                self._sheet.close()
            self._file.close()


# --- cells


def _letters(place: int) -> str:
    """A column's name: A to Z, then AA."""
    rest, last = divmod(place, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + last)


def _cells(column: pa.Array, *, at: str, rows: pa.Array, style: str) -> pa.Array:
    """The cells of a column as XML; what is null has none."""
    if pa.types.is_string(column.type):
        told = _legible(column)
        begins, ends = f'"{style} t="inlineStr"><is><t>', "</t></is></c>"
        kept = f'"{style} t="inlineStr"><is><t xml:space="preserve">'
        begins = pc.if_else(pc.match_substring_regex(told, _EDGE), kept, begins) if holds_any(told, _SPACES) else begins
    elif pa.types.is_date(column.type):
        told = pc.add(column.cast(pa.int32()), _SINCE).cast(pa.string())
        begins, ends = f'"{_DAY}><v>', "</v></c>"
    else:
        told = column.cast(pa.string())
        begins, ends = '"><v>', "</v></c>"
    cells = pc.binary_join_element_wise(f'<c r="{at}', rows, begins, told, ends, "")
    return cells.fill_null("") if column.null_count else cells


def _legible(texts: pa.Array) -> pa.Array:
    """Texts as XML has them, no longer than a cell is."""
    if (pc.max(pc.utf8_length(texts)).as_py() or 0) > MOST_LETTERS:
        texts = pc.utf8_slice_codeunits(texts, 0, MOST_LETTERS)
    return each_different(texts, _escaped, as_=TEXT) if holds_any(texts, _MARKS) else texts


def _escaped(text: str | None) -> str | None:
    """What XML cannot hold is told as Excel tells it: _x0007_."""
    if text is None:
        return None
    return escape(_NOT_XML.sub(lambda found: f"_x{ord(found[0][0]):04X}_" + found[0][1:], text))


def _bytes(texts: pa.Array) -> memoryview:
    """All of them, one after the other."""
    _, offsets, data = texts.buffers()
    first, last = np.frombuffer(offsets, dtype=np.int32)[[texts.offset, texts.offset + len(texts)]]
    return memoryview(data)[first:last]


# --- what holds the sheets together


def _book(names: Sequence[str], filters: Sequence[str]) -> str:
    sheets = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1))
    told = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{place}" hidden="1">{one}</definedName>'
        for place, one in enumerate(filters)
    )
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets><definedNames>{told}</definedNames></workbook>"
    )


def _book_relations(sheets: int) -> str:
    told = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    styles = f'<Relationship Id="rId{sheets + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{told}{styles}</Relationships>'
