from importlib import import_module
from pathlib import Path

import click
import pytest

from adlwatch import __version__, cli
from adlwatch.cli.options import Launch


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[Launch]:
    """What would have been shown, instead of a terminal that opens."""
    seen: list[Launch] = []

    class RunTui:
        @staticmethod
        def run(launch: Launch) -> int:
            seen.append(launch)
            return 143

    real = import_module
    monkeypatch.setattr(cli, "import_module", lambda name: RunTui if name == "adlwatch.cli.run_tui" else real(name))
    monkeypatch.delenv("ADLWATCH_CONFIG", raising=False)
    return seen


def test_every_command_of_the_table_is_there_and_answers_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in cli.COMMANDS:
        assert cli.run([name, "--help"]) == 0
        assert f"Usage: adlwatch {name}" in capsys.readouterr().out


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in cli.COMMANDS)


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"adlwatch {__version__}\n"


def test_without_a_command_the_terminal_opens_and_its_exit_code_is_ours(launched: list[Launch]) -> None:
    assert cli.run([]) == 143
    assert launched == [Launch()]


def test_everything_named_for_the_terminal_reaches_it(launched: list[Launch], tmp_path: Path) -> None:
    words = "--mock --scenario cascade --seed 7 --speed 10 --hyperliquid 0xa --hyperliquid 0xb --book b.json --ascii --theme x"
    cli.run([*words.split(), "--config", str(tmp_path / "c.toml")])
    assert launched == [
        Launch(
            mock=True,
            scenario="cascade",
            seed=7,
            speed=10.0,
            hyperliquid=("0xa", "0xb"),
            book="b.json",
            ascii=True,
            theme="x",
            config=tmp_path / "c.toml",
        )
    ]


def test_the_environment_names_the_configuration_and_the_option_outranks_it(
    launched: list[Launch], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADLWATCH_CONFIG", "/from/environment.toml")
    cli.run([])
    cli.run(["--config", "/from/option.toml"])
    assert [launch.config for launch in launched] == [Path("/from/environment.toml"), Path("/from/option.toml")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scenario", "cascade"], "--scenario needs --mock"),
        (["--speed", "0", "--mock"], "Invalid value for '--speed'"),
        (["chekc"], "No such command 'chekc'"),
        (["--mock", "venues"], "name the sources after the command: adlwatch venues"),
        (["--nonsense"], "No such option"),
    ],
)
def test_wrong_usage_is_2_and_one_line_that_says_where_to_look(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("adlwatch: ")
    assert said in err
    assert "--help)" in err


def test_what_could_steer_the_terminal_is_taken_out_of_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text('"\\u001b[31m" = 1')
    assert cli.run(["--config", str(tmp_path / "config.toml")]) == 2
    assert "?[31m: unknown key" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "code"), [([], 1), (["check"], 3)])
def test_a_crash_is_one_line_with_the_place_of_its_report(
    arguments: list[str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def explode(**_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("adlwatch.log.state_directory", lambda: tmp_path)
    monkeypatch.setattr(cli.cli, "main", explode)
    assert cli.run(arguments) == code
    _, err = capsys.readouterr()
    (path,) = tmp_path.glob("crash-*.txt")
    assert err == f"adlwatch: stopped by an error of its own: ZeroDivisionError: division by zero; report: {path}\n"


def test_an_interrupt_is_no_crash(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(**_: object) -> None:
        raise click.exceptions.Abort

    monkeypatch.setattr(cli.cli, "main", interrupt)
    assert cli.run([]) == 130
    assert capsys.readouterr().err == ""
