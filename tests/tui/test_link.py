"""A terminal that hung up is told from one that is there and from a file, also where nobody sent a signal (`make` under tmux)."""

import os
import sys
from pathlib import Path

import pytest

from adlwatch.tui.link import LinkLost, unsent

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def test_a_terminal_that_hung_up_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = os.openpty()
    with os.fdopen(slave, "w") as stream:
        monkeypatch.setattr(sys, "__stderr__", stream)
        assert unsent() == 0
        os.close(master)
        with pytest.raises(LinkLost):
            unsent()


def test_a_file_owes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as stream:
        monkeypatch.setattr(sys, "__stderr__", stream)
        assert unsent() == 0
    assert unsent() == 0  # closed
