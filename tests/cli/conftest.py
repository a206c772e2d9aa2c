from collections.abc import Callable
from pathlib import Path

import pytest

from adlwatch import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `adlwatch …` in this process, without anybody's configuration: (exit code, stdout, stderr)."""
    monkeypatch.delenv("ADLWATCH_CONFIG", raising=False)
    monkeypatch.setattr("adlwatch.config.read.default_path", lambda: tmp_path / "none.toml")
    monkeypatch.setenv("COLUMNS", "120")

    def go(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return go
