import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adlwatch.domain.alert import Alert, AlertBook, RuleName
from adlwatch.store import entries
from adlwatch.store.history import History
from adlwatch.store.reader import Reader
from tests.cli.conftest import Run
from tests.engine.receiver import Receiver, receiving

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # of Apprise's own
NOW = datetime.now(UTC)
NAKED = Alert(key="|v|btc-carry|naked", rule=RuleName.NAKED, level=3, text="btc-carry is naked long $81,000", opened_at=NOW)
BLIND = Alert(key="|v|okx-2|blind", rule=RuleName.BLIND, level=1, text="okx-2 is failing", opened_at=NOW, acknowledged_by="ann")
OVER = Alert(key="|v|sol|light-jump", rule=RuleName.LIGHT_JUMP, level=1, text="was", opened_at=NOW, resolved_at=NOW)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration with a history in which there are three alerts."""
    path = tmp_path / "history.sqlite3"
    history = History(path, lambda: NOW)
    book = AlertBook(alerts={alert.key: alert for alert in (NAKED, BLIND, OVER)})
    history.put(entries.kept("alerts", NOW, book))
    history.close()
    named = tmp_path / "config.toml"
    named.write_text(f'[history]\npath = "{path}"\n')
    return named


def decisions(config: Path) -> list[tuple[str, str]]:
    return [(each.key, each.what) for each in Reader(str(config.with_name("history.sqlite3"))).decisions()]


def test_the_list_has_the_open_ones_first_and_says_who_has_seen_which(config: Path, run: Run) -> None:
    code, out, _ = run("alert", "list", "--config", str(config))
    lines = out.splitlines()
    assert code == 0
    assert [line.split("  ")[0] for line in lines[1:]] == ["open", "acknowledged by ann", "resolved"]
    assert "btc-carry is naked long $81,000" in lines[1]
    code, out, _ = run("alert", "list", "--json", "--config", str(config))
    assert [each["key"] for each in json.loads(out)] == [NAKED.key, BLIND.key, OVER.key]


def test_an_acknowledgement_is_a_decision_for_whoever_watches(config: Path, run: Run) -> None:
    assert run("alert", "ack", "btc-carry", "--config", str(config)) == (0, "acknowledged: btc-carry is naked long $81,000\n", "")
    assert decisions(config) == [(NAKED.key, "acknowledged")]


def test_a_snooze_has_its_time(config: Path, run: Run) -> None:
    code, out, _ = run("alert", "snooze", NAKED.key, "30m", "--config", str(config))
    (kept,) = Reader(str(config.with_name("history.sqlite3"))).decisions()
    assert code == 0
    assert kept.until is not None
    assert timedelta(minutes=29) < kept.until - kept.at <= timedelta(minutes=30)
    assert f"snoozed until {kept.until:%Y-%m-%d %H:%M}Z" in out


def test_it_can_be_decided_while_another_process_keeps_the_history(config: Path, run: Run) -> None:
    keeper = History(config.with_name("history.sqlite3"), lambda: NOW)
    assert asyncio.run(_flushed(keeper))
    assert run("alert", "ack", NAKED.key, "--config", str(config))[0] == 0
    keeper.close()
    assert decisions(config) == [(NAKED.key, "acknowledged")]


async def _flushed(history: History) -> bool:
    return await asyncio.wrap_future(history.flush())


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("btc-cary", 'no open alert "btc-cary"'),
        ("light-jump", 'no open alert "light-jump"'),
        ("|v|", '"|v|" is in the keys of 2 alerts'),
    ],
)
def test_what_is_no_open_alert_or_more_than_one_is_said_so(key: str, said: str, config: Path, run: Run) -> None:
    code, _, err = run("alert", "ack", key, "--config", str(config))
    assert code == 2
    assert said in err
    assert decisions(config) == []


def test_without_a_history_there_is_nothing_to_decide(tmp_path: Path, run: Run) -> None:
    (tmp_path / "config.toml").write_text(f'[history]\npath = "{tmp_path}/none.sqlite3"\n')
    code, _, err = run("alert", "list", "--config", str(tmp_path / "config.toml"))
    assert code == 2
    assert "no history yet" in err


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as it:
        monkeypatch.setenv("HOOK", f"json://127.0.0.1:{it.port}/token123")
        monkeypatch.setenv("DEAD", "json://127.0.0.1:1/token456")
        yield it


@pytest.fixture
def channels(tmp_path: Path) -> Path:
    named = tmp_path / "channels.toml"
    named.write_text('[[channel]]\nname = "hook"\nurl = "env:HOOK"\n[[channel]]\nname = "dead"\nurl = "env:DEAD"\n')
    return named


def test_a_test_goes_through_the_channel_named(channels: Path, receiver: Receiver, run: Run) -> None:
    assert run("alert", "test", "hook", "--config", str(channels)) == (0, "hook: taken\n", "")
    assert json.loads(receiver.requests[0].body)["title"] == "adlwatch test"


def test_without_a_name_every_channel_is_tried_and_a_failure_is_1_with_its_reason(
    channels: Path, receiver: Receiver, run: Run
) -> None:
    code, out, _ = run("alert", "test", "--config", str(channels))
    assert (code, out.splitlines()[0]) == (1, "hook: taken")
    assert out.splitlines()[1].startswith("dead: not taken: ")
    assert "token" not in out
    assert len(receiver.requests) == 1


def test_a_channel_that_is_not_there_has_a_nearest_one(channels: Path, run: Run) -> None:
    code, _, err = run("alert", "test", "hok", "--config", str(channels))
    assert (code, err) == (2, 'adlwatch: no channel "hok"; did you mean "hook"?\n')
    code, _, err = run("alert", "test")
    assert (code, err) == (2, "adlwatch: no [[channel]] in any configuration\n")
