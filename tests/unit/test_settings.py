"""Settings: where each comes from, which wins, and what is said of a bad one."""

from pathlib import Path

import pytest

from bot.settings import TELEGRAM, Settings, SettingsInvalid, is_loopback, read_settings
from scheduler.plan import SHIPPED_PLAN

TOKEN = "4242:una-palabra-secreta"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, and no other setting from outside."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HILO_{name.upper()}", raising=False)
    monkeypatch.setenv("HILO_HOME", str(tmp_path))
    return tmp_path


def configure(home: Path, text: str) -> None:
    (home / "config.toml").write_text(text, encoding="utf-8")


def problems() -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as refused:
        read_settings()
    return refused.value.problems


def test_defaults_stand_in_the_home(home: Path) -> None:
    settings = read_settings()
    assert settings.home == home
    assert settings.key_file == home / "key"
    assert settings.database_url == f"sqlite+aiosqlite:///{home}/hilo.sqlite3"
    assert settings.database_file == home / "hilo.sqlite3"
    assert (settings.bot_token, settings.bot_api_url, settings.plan_file) == (None, TELEGRAM, SHIPPED_PLAN)
    assert (settings.poll_seconds, settings.tick_seconds) == (25, 5)


def test_the_home_is_hilo_data_unless_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HILO_HOME")
    monkeypatch.chdir(tmp_path)
    assert read_settings().home == tmp_path / "hilo-data"


def test_the_environment_wins_over_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(home, f'bot_token = "{TOKEN}"\npoll_seconds = 10\nplan_file = "plan.toml"')
    monkeypatch.setenv("HILO_POLL_SECONDS", "3")
    settings = read_settings()
    assert settings.poll_seconds == 3
    assert settings.plan_file == home / "plan.toml", "a path in the file counts from the home"
    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == TOKEN
    assert settings.bot_id == "4242"


def test_an_empty_variable_is_no_setting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(home, f'bot_token = "{TOKEN}"')
    monkeypatch.setenv("HILO_BOT_TOKEN", "")
    assert read_settings().bot_id == "4242"


@pytest.mark.holds("S-29")
def test_the_token_is_never_shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HILO_BOT_TOKEN", TOKEN)
    assert "palabra" not in repr(read_settings())
    monkeypatch.setenv("HILO_BOT_TOKEN", "una palabra mal copiada")
    assert "palabra" not in " ".join(problems())


def test_every_problem_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HILO_BOT_TOKEN", "x")
    monkeypatch.setenv("HILO_BOT_API_URL", "telegram")
    monkeypatch.setenv("HILO_TICK_SECONDS", "60")
    monkeypatch.setenv("HILO_POLL_SECONDS", "pronto")
    told = problems()
    assert [line.partition(":")[0] for line in told] == [
        *("HILO_BOT_TOKEN", "HILO_BOT_API_URL", "HILO_POLL_SECONDS", "HILO_TICK_SECONDS")
    ]


@pytest.mark.parametrize("url", ["postgresql+asyncpg://db/hilo", "postgres://db/hilo"])
def test_postgresql_is_for_later(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HILO_DATABASE_URL", url)
    (told,) = problems()
    assert "PostgreSQL" in told
    assert "later version" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bot_token = ", "not valid TOML"),
        ('bot_tokn = "1:x"', "bot_tokn in config.toml is not a setting"),
        ('home = "x"', "home can't be set here"),
        ("poll_seconds = 51", "HILO_POLL_SECONDS: must be less than or equal to 50"),
    ],
)
def test_a_bad_file_is_told(home: Path, text: str, words: str) -> None:
    configure(home, text)
    (told,) = problems()
    assert words in told


def test_a_file_that_is_no_text_is_told(home: Path) -> None:
    (home / "config.toml").write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in problems()[0]


def test_the_clock_moves_only_on_this_machine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HILO_DEMO_CLOCK", str(home / "clock"))
    assert "HILO_DEMO_CLOCK" in problems()[0]
    monkeypatch.setenv("HILO_BOT_API_URL", "http://127.0.0.1:8081/")
    settings = read_settings()
    assert (settings.demo_clock, settings.bot_api_url) == (home / "clock", "http://127.0.0.1:8081")


@pytest.mark.holds("T-telegram-3")
def test_the_token_travels_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HILO_BOT_API_URL", "http://telegram.example")
    assert "https://" in problems()[0]


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("http://127.0.0.1:8081", True),
        ("http://[::1]:8081", True),
        ("http://localhost", True),
        ("https://api.telegram.org", False),
        ("http://127.0.0.1.example", False),
        ("http://localhost.example", False),
        ("http://10.0.0.1", False),
        ("telegram", False),
    ],
)
def test_loopback(url: str, ours: bool) -> None:
    assert is_loopback(url) is ours


def test_two_homes_over_one_database_share_one_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HILO_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'shared.sqlite3'}")
    locks = set()
    for home in ("one", "two"):
        monkeypatch.setenv("HILO_HOME", str(tmp_path / home))
        locks.add(read_settings().lock_file)
    assert locks == {tmp_path / "shared.sqlite3.lock"}


def test_what_was_typed_is_named_as_it_was_typed() -> None:
    with pytest.raises(SettingsInvalid) as refused:
        read_settings(webhook_url="ftp://example.org")
    assert [one.partition(":")[0] for one in refused.value.problems] == ["--webhook-url"]
