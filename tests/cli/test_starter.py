from pathlib import Path

import pytest

from adlwatch.cli.starter import STARTER, write
from adlwatch.config import load


def test_the_starter_configuration_loads(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    assert str(path) in write(path)
    assert [source.kind for source in load(path).sources] == ["mock"]


def test_every_source_it_proposes_loads_once_its_comment_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    lines = (line.removeprefix("# ") if "=" in line or "[[" in line else line for line in STARTER.splitlines())
    path.write_text("\n".join(lines), encoding="utf-8")
    config = load(path)
    assert [(source.kind, source.problem) for source in config.sources] == [("hyperliquid", None), ("book", None), ("mock", None)]


def test_it_never_writes_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write(path)
    assert path.read_text(encoding="utf-8") == "mine"
