import json
import logging
from io import StringIO
from pathlib import Path

import pytest

from adlwatch.domain.channel import Message, Tone
from adlwatch.engine.lane import Undelivered
from adlwatch.engine.senders import AppriseSender, sender
from tests.engine.receiver import receiving

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # of Apprise's own
SENT = Message("adlwatch ALERT: naked", "btc-carry is naked <b>long</b>", Tone.BAD, "k1")
TOKEN = "sUp3rs3cr3tt0k3n"  # noqa: S105  # a made-up one


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> AppriseSender:
    """A webhook whose address, with its token, is in the environment; the port comes later."""
    monkeypatch.setenv("HOOK", f"json://127.0.0.1:1/{TOKEN}")
    return AppriseSender("env:HOOK")


def test_a_message_reaches_a_webhook_as_it_is_with_a_key_that_tells_a_repetition(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        monkeypatch.setenv("HOOK", f"json://127.0.0.1:{receiver.port}/{TOKEN}")
        send = sender("env:HOOK")
        send(SENT)
        send(Message("second", "body", Tone.GOOD, "k2"))
    first, second = receiver.requests
    body = json.loads(first.body)
    assert (first.path.rstrip("/"), body["title"], body["message"], body["type"]) == (
        f"/{TOKEN}",
        SENT.title,
        SENT.body,
        "failure",
    )
    assert (first.headers["Idempotency-Key"], second.headers["Idempotency-Key"]) == ("k1", "k2")
    assert json.loads(second.body)["type"] == "success"


def test_a_receiver_that_refuses_is_a_failure_with_its_reason_and_without_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        receiver.status = 503
        monkeypatch.setenv("HOOK", f"json://127.0.0.1:{receiver.port}/{TOKEN}")
        with pytest.raises(Undelivered, match="503") as failure:
            sender("env:HOOK")(SENT)
    assert TOKEN not in str(failure.value)


def test_what_apprise_logs_never_reaches_our_log(hook: AppriseSender) -> None:
    written = StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    try:
        with pytest.raises(Undelivered):
            hook(SENT)
    finally:
        logging.getLogger().removeHandler(handler)
    assert written.getvalue() == ""


def test_a_receiver_that_is_not_there_is_a_failure_without_the_token(hook: AppriseSender) -> None:
    with pytest.raises(Undelivered) as failure:
        hook(SENT)
    assert TOKEN not in str(failure.value)


def test_a_secret_that_is_not_there_is_a_failure_until_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOK", raising=False)
    send = sender("env:HOOK")
    with pytest.raises(Undelivered, match="env:HOOK: no such environment variable"):
        send(SENT)
    with receiving() as receiver:
        monkeypatch.setenv("HOOK", f"json://127.0.0.1:{receiver.port}")
        send(SENT)
    assert len(receiver.requests) == 1


def test_an_address_that_apprise_does_not_know_is_said_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", f"telegramm://{TOKEN}")
    with pytest.raises(Undelivered, match="Apprise knows no such URL") as failure:
        sender("env:HOOK")(SENT)
    assert TOKEN not in str(failure.value)


@pytest.mark.parametrize(
    ("url", "room"),
    [
        ("json://127.0.0.1/x", 29_491),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", 1_800),
        ("pagerduty://A1B2C3D4E5F6A1B2C3D4E5F6A1B2C3D4@key", 921),
        ("ntfy://127.0.0.1/topic", 7_020),
    ],
)
def test_a_channel_that_is_ready_says_how_much_its_service_takes(url: str, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", url)
    assert sender("env:HOOK").ready() == room


def test_a_channel_whose_secret_is_not_there_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOK", raising=False)
    with pytest.raises(Undelivered, match="env:HOOK: no such environment variable"):
        sender("env:HOOK").ready()


def test_what_is_longer_than_a_service_takes_is_cut_rather_than_refused_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        monkeypatch.setenv("HOOK", f"mmost://127.0.0.1:{receiver.port}/0123456789abcdef01234567")
        sender("env:HOOK")(Message("title", "x" * 5_000, Tone.BAD, "k"))
    (request,) = receiver.requests
    assert 3_900 < len(json.loads(request.body)["text"]) <= 4_000


def test_two_messages_to_one_service_are_no_more_than_a_second_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        monkeypatch.setenv("HOOK", f"ntfy://127.0.0.1:{receiver.port}/topic")
        send = sender("env:HOOK")
        send(SENT)
        send(SENT)
    first, second = receiver.requests
    assert second.at - first.at < 2.5  # Apprise's own pace is 5.5 s


def test_the_desktop_is_told_through_its_own_program_and_no_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "notify-send"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/said\n')
    program.chmod(0o755)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    sender("desktop")(Message("-title; $(rm)", "body", Tone.BAD, "k"))
    assert (tmp_path / "said").read_text().splitlines() == ["--app-name=adlwatch", "--", "-title; $(rm)", "body"]


def test_a_machine_without_a_desktop_is_a_failure_that_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Undelivered, match="there is no notify-send on this machine"):
        sender("desktop")(SENT)
