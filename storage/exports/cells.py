"""Cells that a spreadsheet opens without running them.

* What a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection); a number is let be.
* Looked at are the first bytes of a whole column at once: hardly any cell begins that way.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What spreadsheets take for a formula at the start of a cell; the last four are the wide letters of East Asia."""

_SUSPECT = np.zeros(256, dtype=bool)
_SUSPECT[[text.encode()[0] for text in RUNS_AS_FORMULA]] = True
_RUNS = "^[" + "".join(RUNS_AS_FORMULA).replace("-", r"\-") + "]"
_NUMBER = r"^-[0-9]+(\.[0-9]+)?$"


def harmless(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows with every text made harmless."""
    columns = [_harmless(column) if pa.types.is_string(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _harmless(texts: pa.Array) -> pa.Array:
    suspect = _suspect(texts)
    if suspect is None or not pc.any(_runs(texts.filter(suspect))).as_py():
        return texts
    return pc.if_else(_runs(texts), pc.binary_join_element_wise("'", texts, ""), texts)


def _runs(texts: pa.Array) -> pa.Array:
    return pc.and_not(pc.match_substring_regex(texts, _RUNS), pc.match_substring_regex(texts, _NUMBER))


def _suspect(texts: pa.Array) -> pa.Array | None:
    """Which of them begin with a byte that one which runs may begin with; None where there are none."""
    _, offsets, data = texts.buffers()
    if data is None or not len(data) or not len(texts):
        return None
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    first = np.frombuffer(data, dtype=np.uint8)[np.minimum(ends[:-1], len(data) - 1)]
    found = _SUSPECT[first] & (ends[1:] > ends[:-1])
    return pa.array(found) if found.any() else None


def holds_any(texts: pa.Array, marks: bytes) -> bool:
    """Whether one of these bytes stands anywhere in a column of texts."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return False
    first, last = np.frombuffer(offsets, dtype=np.int32)[[texts.offset, texts.offset + len(texts)]]
    seen = memoryview(data)[first:last].tobytes()
    return any(mark.to_bytes() in seen for mark in marks)
