"""The ear that every test has: it hears what the log would say, and knows what must not be there."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT
from tests.support.canaries import PLANTED
from tests.support.listening import EAR, leaks


def test_it_hears_what_would_be_written_and_no_more() -> None:
    before = len(EAR.lines)
    logging.getLogger("storage.trial").setLevel(logging.INFO)
    logging.getLogger("storage.trial").info("heard", extra={"action": "trial", "row": 7})
    logging.getLogger("elsewhere").warning("heard too")
    logging.getLogger("elsewhere").info("not heard")
    told = [line.partition(" level=")[2] for line in EAR.lines[before:]]
    assert told == ["info action=trial event=heard row=7", 'warning action=elsewhere event="heard too"']


@pytest.mark.parametrize(
    "line",
    [
        "ERROR store: Rosa Prueba is there already",
        "ERROR store: phone=5512345678",
        "ERROR store: R-501 is not known",
        "ERROR store: girasol was tried",
        "ERROR api: https://api.telegram.org/bot4242:una-palabra/getMe",
        *(f"ERROR: {canary}" for canary in PLANTED if "canari" in canary.lower()),
    ],
)
def test_it_knows_what_is_nobodys_business(line: str) -> None:
    assert leaks(["INFO all is well", line]) == [line]


def test_ids_and_counts_are_no_canaries() -> None:
    assert leaks(["INFO take: update=5512 row=4611686018427387904 entries=5512345", "INFO exported: 12 rows"]) == []


LEAKING = """
import logging, os, subprocess, sys
import pytest
from bot.logs import start_logging

def child(stream):
    code = f"import sys; print('ERROR store: girasol was tried', file=sys.{stream})"
    subprocess.run([sys.executable, "-c", code], check=True)

@pytest.fixture(scope="session")
def before_any_test():
    logging.getLogger("storage").error("told of Rosa Prueba")

@pytest.fixture(scope="session")
def after_all_tests():
    yield
    os.write(2, b"told of Rosa Prueba")

def test_in_the_log(): logging.getLogger("bot.trial").info("told", extra={"record": "R-501"})
def test_where_handlers_were_taken_away():
    start_logging()
    logging.getLogger("bot.trial").error("told of Rosa Prueba")
def test_where_it_goes_no_further():
    logging.getLogger("elsewhere").propagate = False
    logging.getLogger("elsewhere").warning("5512345678")
def test_in_a_thread():
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor() as pool:
        pool.submit(logging.getLogger("bot").error, "told of Rosa Prueba")
def test_by_a_child(): child("stderr")
def test_by_a_child_in_its_answer(): child("stdout")
def test_before(before_any_test): pass
def test_of_nobody(): logging.getLogger("bot.trial").info("told", extra={"rows": 7}); print("all is well")
def test_after(after_all_tests): pass
"""


@pytest.mark.holds("S-29")
@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_leak_fails_the_test_that_made_it(tmp_path: Path, workers: str) -> None:
    (tmp_path / "test_leaking.py").write_text(LEAKING)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-n", workers]
    ran = subprocess.run(
        [*command, "--dist", "loadfile", "--rootdir", str(tmp_path), "-c", os.devnull, "-rfEp", str(tmp_path)],
        cwd=ROOT,
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    told = re.findall(r"^(PASSED|ERROR) \S+::(\w+)", ran.stdout, re.MULTILINE)
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED, ran.stdout
    assert {name for ended, name in told if ended == "PASSED"} == {"test_of_nobody", "test_after"}, ran.stdout
    assert {name for ended, name in told if ended == "ERROR"} == {"test_before", "test_after"}, "before it and after it"


def test_what_a_command_writes_beside_its_answer_is_heard_and_a_refusal_may_quote() -> None:
    logged = "at=2026-03-02T10:00:00Z level=error action=store event=R-501"
    EAR.overhear(subprocess.CompletedProcess([], 1, "", f"R-501 is not known\n{logged}\n"))
    EAR.overhear(subprocess.CompletedProcess([], 0, "R-501", "Rosa Prueba was told\n"))
    assert leaks(EAR.taken()) == [logged, "Rosa Prueba was told"]  # taken: or this test would fail, as any other does
