"""What R makes of an export with the script that lies in it: every cell, its type, its label, and factors.

R prints what it has as JSON, by a few lines of R below that use nothing of Hilo.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.integration.test_export_readers import differing, exported
from tests.support.awkward import fill_awkwardly
from tests.support.told import Cell, told
from tests.support.world import Store

RSCRIPT = shutil.which("Rscript")
pytestmark = pytest.mark.skipif(RSCRIPT is None and "CI" not in os.environ, reason="no R (Rscript) on this machine")

AS_JSON = r"""
quoted <- function(x) {
  x <- enc2utf8(x)
  for (pair in list(c("\\", "\\\\"), c("\"", "\\\""), c("\n", "\\n"), c("\r", "\\r"), c("\t", "\\t")))
    x <- gsub(pair[1], pair[2], x, fixed = TRUE)
  paste0("\"", x, "\"")
}
json <- function(x) {
  if (is.data.frame(x)) return(object(x))
  if (is.list(x)) return(object(x))
  text <- if (inherits(x, "Date")) quoted(format(x))
          else if (is.numeric(x) || is.logical(x)) format(as.numeric(x), digits = 17, scientific = FALSE, trim = TRUE)
          else quoted(as.character(x))
  text[is.na(x)] <- "null"
  paste0("[", paste(text, collapse = ","), "]")
}
object <- function(x) {
  one <- function(name) paste0(quoted(name), ":", json(x[[name]]))
  paste0("{", paste(vapply(names(x), one, ""), collapse = ","), "}")
}
said <- function(x) writeLines(json(x), useBytes = TRUE)
"""


def run_r(folder: Path, *lines: str, locale: str = "C.UTF-8") -> Any:
    """What R says to these lines, once it has read the export as `hilo`."""
    assert RSCRIPT is not None, "no R: install r-base-core"
    script = folder.parent / "said.R"
    read = f'source("{folder}/read_hilo.R"); hilo <- read_hilo("{folder}")'
    script.write_text("\n".join(["options(warn = 2)", AS_JSON, read, *lines]), encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "LC_ALL": locale}
    done = subprocess.run([RSCRIPT, "--vanilla", script], check=False, capture_output=True, env=env, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout.decode())


def as_json(cell: Cell) -> Cell:
    """JSON knows no days."""
    return cell.isoformat() if isinstance(cell, date) else cell


@pytest.fixture
async def awkward(store: Store) -> Store:
    await fill_awkwardly(store)
    return store


@pytest.mark.parametrize(("separator", "locale"), [("comma", "C.UTF-8"), ("semicolon", "C"), ("tab", "C")])
async def test_r_reads_every_cell(awkward: Store, tmp_path: Path, separator: str, locale: str) -> None:
    out = await exported(awkward, tmp_path, "csv", exact=True, separator=separator)
    tables = run_r(out, "said(hilo)", locale=locale)
    for name, rows in (await told(awkward, exact=True)).items():
        names = list(tables[name])
        found = [dict(zip(names, row, strict=True)) for row in zip(*tables[name].values(), strict=True)]
        assert differing(found, [{key: as_json(cell) for key, cell in row.items()} for row in rows]) == [], name
    assert len(tables["codebook"]["table"]) > 200


async def test_r_keeps_the_labels_of_picked_rows(awkward: Store, tmp_path: Path) -> None:
    out = await exported(awkward, tmp_path, "csv", exact=True)
    found = run_r(
        out,
        "wide <- as_labelled(hilo$wide); her <- wide[!is.na(hilo$wide$trabaja_m1), ]",
        "said(list(works = as.character(her$trabaja_m1), ticked = as.character(her$tipos___otro_m1),",
        "  children = her$hijos_m1, age = her$edad_m1, day = her$release_on, rows = nrow(wide)))",
    )
    people = (await told(awkward, exact=True))["people"]
    assert found == {
        **{"works": ["=Sí"], "ticked": ["no"], "children": [None], "age": [-3], "day": ["2026-02-28"]},
        "rows": [len(people)],
    }


async def test_r_labels_columns_and_values(awkward: Store, tmp_path: Path) -> None:
    out = await exported(awkward, tmp_path, "csv", exact=True)
    asked = "c(trabaja = 'trabaja_m1', later = 'trabaja_m3', ticked = 'tipos___autoempleo_m1', children = 'hijos_m1')"
    found = run_r(
        out,
        f"own <- lapply(as.list({asked}), function(name) hilo$wide[[name]])",
        "told <- function(x) levels(as_labelled(x, missing = TRUE))",
        "each <- function(of) lapply(own, of)",
        "said(list(label = each(function(x) attr(x, 'label')), levels = each(told),",
        "  plain = each(function(x) levels(as_labelled(x))),",
        "  cells = each(function(x) as.character(Filter(Negate(is.na), as_labelled(x, missing = TRUE)))),",
        "  kinds = list(day = class(hilo$people$release_on), sessions = class(hilo$enrolments$sessions_attended),",
        "    amount = class(hilo$incomes$amount), workshop = class(hilo$enrolments$workshop)),",
        "  missing = list(before = sum(!is.na(hilo$incomes$amount)),",
        "    after = sum(!is.na(as_missing(hilo$incomes$amount))),",
        "    scores = sum(is.na(as_missing(hilo$measurements$score))))))",
    )
    codes = ["no aplica", "no sabe", "prefiere no decir", "sin respuesta"]
    assert found["label"]["trabaja"] == ["¿Trabajas? (m1)"]
    assert found["label"]["ticked"] == ["Por mi cuenta: ¿En qué? (m1)"]
    assert found["levels"]["trabaja"] == ["=Sí", "No", *codes]
    assert found["levels"]["ticked"] == ["sí", "no", *codes]
    assert found["levels"]["children"] == codes
    assert found["plain"]["trabaja"] == ["=Sí", "No"]
    assert found["cells"]["trabaja"] == ["=Sí"]
    assert found["cells"]["later"] == ["prefiere no decir"]
    assert found["cells"]["children"] == ["prefiere no decir"]
    assert found["kinds"] == {
        **{"day": ["Date"], "sessions": ["integer"], "amount": ["numeric"], "workshop": ["character"]},
    }
    incomes = [row["amount"] for row in (await told(awkward, exact=True))["incomes"]]
    (before,), (after,), (scores,) = (found["missing"][name] for name in ("before", "after", "scores"))
    assert (before, after, scores) == (len(incomes), sum(amount >= 0 for amount in incomes), 0)  # type: ignore[operator]
    assert after < before
