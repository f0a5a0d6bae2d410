"""What whoever keeps the server may ask of the bot: does it live, does it take updates, how does it stand.

* It listens apart from the surface that Telegram calls, on this machine alone unless it is told otherwise: the web
  knows one path, and not this.
* `/healthz` answers while the process does; `/readyz` while it takes updates and the store can be read; `/metrics` is
  text for Prometheus. Numbers only, of nobody in particular. Once the bot is told to stop, nothing answers here.
* The store is asked when somebody asks here, and at most once in a few seconds.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from importlib.metadata import version

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.serving import Server, listen
from bot.settings import Settings
from bot.tally import Tally
from storage import vitals
from storage.database import Database
from storage.vitals import Queue, Vitals

FRESH = timedelta(seconds=2)
"""For how long what was seen last is told again: several who ask at once cost one look."""

MOST_AT_ONCE = 32


class Status:
    """Answers those who keep the server, until it is cancelled."""

    def __init__(self, database: Database, tally: Tally, *, listening: socket.socket) -> None:
        self._database = database
        self._tally = tally
        self._socket = listening
        self._seen: Vitals | None = None
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Serve until cancelled."""
        routes = [("/healthz", self._healthz), ("/readyz", self._readyz), ("/metrics", self._metrics)]
        app = Starlette(routes=[Route(path, answer, methods=["GET"]) for path, answer in routes])
        server = Server(app, most=MOST_AT_ONCE)
        serving = asyncio.create_task(server.serve(sockets=[self._socket]))
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await asyncio.wait({serving})

    async def _healthz(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _readyz(self, _: Request) -> Response:
        ready = await self._look() is not None
        status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
        return PlainTextResponse("ready\n" if ready else "not ready\n", status)

    async def _metrics(self, _: Request) -> Response:
        registry = CollectorRegistry()
        registry.register(_Told(await self._look(), self._tally))
        ProcessCollector(registry=registry)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    async def _look(self) -> Vitals | None:
        """How it stands, or None where the store cannot be read."""
        async with self._looking:
            if self._seen is None or self._database.now() - self._seen.at >= FRESH:
                try:
                    async with self._database.read() as tx:
                        self._seen = await vitals.look(tx)
                except (SQLAlchemyError, OSError):
                    self._seen = None
            return self._seen


def open_status(settings: Settings, database: Database, *, tally: Tally) -> Status | None:
    """Where it is set, on the port that is set. Raises Refused if that cannot be had."""
    if settings.status_port is None:
        return None
    return Status(database, tally, listening=listen(settings.status_host, settings.status_port, name="status"))


def told_of(seen: Vitals | None, tally: Tally) -> Iterator[Metric]:
    """Every metric; of the store none where it cannot be read."""
    yield _each("hilo_info", "1, by version", label="version", values={version("hilo"): 1.0})
    yield _one("hilo_store_readable", "whether the store can be read", value=seen is not None)
    calls = CounterMetricFamily("hilo_api_calls", "calls of the Bot API", labels=("method", "outcome"))
    for (method, outcome), number in sorted(tally.calls.items()):
        calls.add_metric((method, outcome), number)
    yield calls
    yield CounterMetricFamily("hilo_updates_taken", "updates dealt with", value=tally.taken)
    if seen is not None:
        yield from _of_the_store(seen)


class _Told:
    """What Prometheus' library collects from."""

    def __init__(self, seen: Vitals | None, tally: Tally) -> None:
        self._seen = seen
        self._tally = tally

    def collect(self) -> Iterator[Metric]:
        return told_of(self._seen, self._tally)


def _of_the_store(seen: Vitals) -> Iterator[Metric]:
    at = seen.at
    yield from _queue("hilo_inbox", "updates that nobody has taken", queue=seen.letters, at=at)
    yield from _outbox(seen)
    yield _one("hilo_set_aside", "updates and messages that failed too often", value=seen.aside)
    yield _one("hilo_conversations_open", "open conversations", value=seen.conversations)
    yield _one("hilo_checkins_open", "check-ins that are not closed", value=seen.checkins_open)
    yield from _queue("hilo_checkins_due", "check-ins that should have been seen to", queue=seen.checkins, at=at)
    yield from _queue("hilo_cases_open", "requests that staff have not closed", queue=seen.cases, at=at)
    yield _one("hilo_alarm_seconds", "for how long nothing leaves that is due", value=_age(seen.alarm_since, at))
    yield _one("hilo_held_seconds", "for how long a restore holds sending", value=_age(seen.held_since, at))
    yield _one("hilo_backup_failing", "whether making one fails", value=seen.backup_failed_at is not None)
    if seen.backup_at is not None:
        yield _one("hilo_backup_age_seconds", "since the last backup", value=_age(seen.backup_at, at))
    away = CounterMetricFamily("hilo_turned_away", "what was refused", labels=("what",))
    for what, number in seen.turned_away.items():
        away.add_metric((what,), number)
    yield away


def _queue(name: str, what: str, *, queue: Queue, at: datetime) -> Iterator[Metric]:
    yield _one(name, what, value=queue.number)
    yield _one(f"{name}_oldest_seconds", f"how long the oldest has waited: {what}", value=_age(queue.since, at))


def _outbox(seen: Vitals) -> Iterator[Metric]:
    what = "messages that may leave and have not"
    numbers = {urgency.name.lower(): float(queue.number) for urgency, queue in seen.parcels.items()}
    ages = {urgency.name.lower(): _age(queue.since, seen.at) for urgency, queue in seen.parcels.items()}
    yield _each("hilo_outbox", what, label="urgency", values=numbers)
    yield _each("hilo_outbox_oldest_seconds", f"how long the oldest has waited: {what}", label="urgency", values=ages)


def _age(since: datetime | None, at: datetime) -> float:
    return 0.0 if since is None else max(0.0, (at - since).total_seconds())


def _one(name: str, what: str, *, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=float(value))


def _each(name: str, what: str, *, label: str, values: Mapping[str, float]) -> Metric:
    gauge = GaugeMetricFamily(name, what, labels=(label,))
    for each, value in values.items():
        gauge.add_metric((each,), value)
    return gauge
