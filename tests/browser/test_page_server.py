"""The page's server guards the demo: no other site, no other name, no bad request can steer it; no chromium needed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from bot.demo.page import SECURITY, PhoneCard, Table, serve_page
from bot.demo.simulator import Simulator


class StillStage:
    """A stage where time stands until it is moved, and whose tables cannot be had."""

    def __init__(self) -> None:
        self.phones = [PhoneCard(101, "Rosa", "participant", "invitacion")]
        self.advanced: list[tuple[int, int]] = []

    def now(self) -> datetime:
        return datetime(2026, 3, 4, 18, tzinfo=UTC)

    async def advance(self, *, days: int = 0, months: int = 0) -> None:
        self.advanced.append((days, months))

    async def tables(self) -> list[Table]:
        raise OSError("no store yet")


@pytest.fixture
def stage() -> StillStage:
    return StillStage()


@pytest.fixture
def simulator(stage: StillStage) -> Simulator:
    return Simulator(token="4242:una-palabra", now=stage.now)


@pytest.fixture
async def client(simulator: Simulator, stage: StillStage) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve_page(simulator, stage) as url, aiohttp.ClientSession(url) as session:
        yield session


async def test_the_page_and_its_files_carry_the_policy(client: aiohttp.ClientSession) -> None:
    for path in ("/", "/page/main.js", "/page/page.css", "/page/missing.js"):
        async with client.get(path) as answer:
            assert {name: answer.headers.get(name) for name in SECURITY} == SECURITY


@pytest.mark.parametrize(
    "headers", [{"Host": "demo.example.org"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]
)
async def test_other_names_and_other_sites_are_refused(
    client: aiohttp.ClientSession, simulator: Simulator, headers: dict[str, str]
) -> None:
    async with client.post("/demo/phones/101/start", json={}, headers=headers) as answer:
        assert answer.status == 403
    assert simulator.phone(user_id=101, first_name="Rosa").messages == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/demo/phones/101/start", {}, 200),
        ("/demo/phones/999/start", {}, 404),
        ("/demo/phones/101/dance", {}, 404),
        ("/demo/phones/101/send", {"text": "antes de iniciar"}, 409),
        ("/demo/phones/101/send", {}, 409),
        ("/demo/phones/101/tap", {"message_id": 7, "choice": "x"}, 409),
        ("/demo/phones/101/send", [], 400),
        ("/demo/advance", {"days": 1, "months": 2}, 200),
        ("/demo/advance", {"days": -1}, 400),
        ("/demo/advance", {"days": 9999}, 400),
        ("/demo/advance", {"months": True}, 400),
    ],
)
async def test_what_is_asked_is_checked(
    client: aiohttp.ClientSession, stage: StillStage, path: str, body: object, status: int
) -> None:
    async with client.post(path, json=body) as answer:
        assert answer.status == status
    assert stage.advanced == ([(1, 2)] if "months" in str(body) and status == 200 else [])


async def test_a_form_is_no_request(client: aiohttp.ClientSession, simulator: Simulator) -> None:
    async with client.post("/demo/phones/101/start", data={"payload": "x"}) as answer:
        assert answer.status == 415
    assert simulator.updates_waiting == []


async def test_start_sends_the_card_s_payload(client: aiohttp.ClientSession, simulator: Simulator) -> None:
    async with client.post("/demo/phones/101/start", json={}) as answer:
        assert answer.status == 200
    assert [update["message"]["text"] for update in simulator.updates_waiting] == ["/start invitacion"]


async def test_the_stream_goes_on_without_tables(client: aiohttp.ClientSession) -> None:
    async with client.get("/demo/events") as answer:
        kinds = set()
        async for line in answer.content:
            if line.startswith(b"event: "):
                kinds.add(line.removeprefix(b"event: ").strip())
            if len(kinds) == 3:
                break
    assert kinds == {b"clock", b"tables", b"phone"}
