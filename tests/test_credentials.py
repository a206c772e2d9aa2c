import copy
import json
import logging
import pickle
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adlwatch.credentials import HIDDEN, CredentialError, Secret, redact, resolve

PLANTED = "s3cr3t/with+signs="


def test_a_secret_shows_only_when_asked() -> None:
    secret = Secret(PLANTED)
    assert secret.reveal() == PLANTED
    for text in (repr(secret), str(secret), f"{secret}", f"{secret:>30}", "%s" % secret, repr([secret]), repr({"k": secret})):  # noqa: UP031
        assert PLANTED not in text


def test_a_secret_cannot_be_written_by_accident() -> None:
    secret = Secret(PLANTED)
    for write in (json.dumps, msgspec.json.encode, pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            write(secret)


def test_a_traceback_with_locals_and_a_log_record_hold_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(PLANTED)
    with pytest.raises(ValueError, match="signing with") as raised:
        int(f"signing with {secret}")
    report = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
    logging.getLogger("x").warning("key %s", secret)
    assert "signing with" in report
    assert "secret = Secret([hidden])" in report
    assert PLANTED not in report + caplog.text


def test_references_are_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_text(f"{PLANTED}\n")
    path.chmod(0o600)
    monkeypatch.setenv("DESK_KEY", PLANTED)
    command = f"cmd:{sys.executable} -c 'print(\"{PLANTED}\")'"
    for reference in ("env:DESK_KEY", f"file:{path}", command):
        assert resolve(reference).reveal() == PLANTED


@pytest.fixture
def backend() -> Iterator[Any]:
    """The real library over a keyring of our own, which holds one entry."""
    keyring = pytest.importorskip("keyring", reason="keyring is not installed (pip install 'adlwatch[keyring]')")
    from keyring.backend import KeyringBackend  # noqa: PLC0415  # only where it is installed

    class Ours(KeyringBackend):
        priority = 1.0
        locked = False

        def get_password(self, service: str, username: str) -> str | None:
            if self.locked:
                raise keyring.errors.KeyringLocked(f"cannot unlock {PLANTED}")
            return PLANTED if (service, username) == ("adlwatch", "okx") else None

        def set_password(self, service: str, username: str, password: str) -> None:
            raise NotImplementedError

    before, ours = keyring.get_keyring(), Ours()  # type: ignore[no-untyped-call]  # the library types no constructor
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(before)


def test_a_keyring_entry_is_resolved_by_the_real_library(backend: Any) -> None:
    assert resolve("keyring:adlwatch/okx").reveal() == PLANTED
    with pytest.raises(CredentialError, match=r"^keyring:adlwatch/other: no such entry$"):
        resolve("keyring:adlwatch/other")


def test_a_locked_keyring_is_one_line_without_what_it_said(backend: Any) -> None:
    backend.locked = True
    with pytest.raises(CredentialError, match=r"^keyring:adlwatch/okx: KeyringLocked$"):
        resolve("keyring:adlwatch/okx")


@pytest.mark.parametrize(
    ("reference", "line"),
    [
        ("abcdef123456", "a secret is given by reference: env:NAME"),
        ("sk:abcdef", "a secret is given by reference: env:NAME"),
        ("env:NOT_THERE_AT_ALL", "env:NOT_THERE_AT_ALL: no such environment variable"),
        ("env:BLANK", "env: nothing in it"),
        ("file:/nowhere/at/all", "file:/nowhere/at/all: cannot be read: No such file"),
        ("cmd:no-such-program-anywhere show desk", "cmd:no-such-program-anywhere: cannot be run: No such file"),
        (f"cmd:{sys.executable} -c 'raise SystemExit(3)'", f"cmd:{sys.executable}: ended with status 3"),
        ("cmd:'open", "cmd: its quotes do not match"),
        ("cmd: ", "cmd: cannot be run: no program named"),
        ("keyring:adlwatch/desk", "keyring: needs the package keyring: pip install 'adlwatch[keyring]'"),
    ],
)
def test_what_cannot_be_resolved_is_one_line(reference: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLANK", "  ")
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(CredentialError) as error:
        resolve(reference)
    assert str(error.value).startswith(line)
    assert "abcdef" not in str(error.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    path.write_text(PLANTED)
    path.chmod(mode)
    with pytest.raises(CredentialError, match=rf"others may read it \(mode {mode:04o}\); run chmod 600"):
        resolve(f"file:{path}")


def test_known_secrets_are_hidden_plain_and_quoted() -> None:
    secret = Secret(PLANTED)
    assert redact(f"x {PLANTED} y s3cr3t%2Fwith%2Bsigns%3D") == f"x {HIDDEN} y {HIDDEN}"
    assert secret.reveal() == PLANTED


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            "GET https://fapi.binance.com/fapi/v3/positionRisk?timestamp=1&signature=ab 503",
            f"GET https://fapi.binance.com/fapi/v3/positionRisk?{HIDDEN} 503",
        ),
        ("proxy http://joe:pw@host:3128 failed", f"proxy http://{HIDDEN}@host:3128 failed"),
        ("X-MBX-APIKEY: abc123", f"X-MBX-APIKEY: {HIDDEN}"),
        ('{"apiKey": "ab1", "size": 1}', f'{{"apiKey": "{HIDDEN}", "size": 1}}'),
        ("Authorization: Bearer abcdefghijkl.mnop", f"Authorization: {HIDDEN}"),
        ("key 0x" + "ab" * 32, f"key {HIDDEN}"),
        ("address 0x" + "ab" * 20 + " has 3 positions", "address 0x" + "ab" * 20 + " has 3 positions"),
        ("file:/keys/okx_secret: others may read it", "file:/keys/okx_secret: others may read it"),
        ("BTC/USDT:USDT size: 1.5", "BTC/USDT:USDT size: 1.5"),
    ],
    ids=lambda text: text[:30],
)
def test_what_looks_like_a_secret_is_hidden(text: str, clean: str) -> None:
    assert redact(text) == clean
