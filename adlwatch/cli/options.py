"""Options that several commands share: where positions come from, and how the screen looks."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]
Decorator = Callable[[Command], Command]


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What the command line asked for. Sources named here replace the configured ones; the rest of the configuration stays."""

    mock: bool = False
    scenario: str | None = None
    seed: int | None = None
    speed: float | None = None
    hyperliquid: tuple[str, ...] = ()
    """Public addresses to watch."""
    book: str | None = None
    """A book file, `-` for standard input."""
    config: Path | None = None
    ascii: bool | None = None
    theme: str | None = None
    view: str | None = None
    wall: bool = False

    @property
    def names_sources(self) -> bool:
        """Whether the command line says itself what to watch."""
        return self.mock or bool(self.hyperliquid) or self.book is not None


SOURCE_OPTIONS: tuple[Decorator, ...] = (
    click.option("--mock", is_flag=True, help="Watch the built-in mock exchange: offline, nothing real."),
    click.option("--scenario", metavar="NAME", help="What happens on the mock exchange."),
    click.option("--seed", type=click.IntRange(min=0), help="Seed of the mock exchange: the same seed, the same story."),
    click.option("--speed", type=click.FloatRange(min=0, min_open=True), help="Mock seconds per real second."),
    click.option("--hyperliquid", metavar="0x…", multiple=True, help="Watch a public Hyperliquid address (repeatable)."),
    click.option("--book", metavar="FILE", help="Watch a book file (adlwatch-book/1 JSON); - is standard input."),
    click.option(
        "--config",
        type=click.Path(dir_okay=False, path_type=Path),
        envvar="ADLWATCH_CONFIG",
        show_envvar=True,
        help="Configuration file, in place of the user's own.",
    ),
)

SCREEN_OPTIONS: tuple[Decorator, ...] = (
    click.option("--ascii/--unicode", "ascii", default=None, help="Draw with ASCII only, or with Unicode."),
    click.option("--theme", metavar="NAME", help="Colour theme of the terminal."),
    click.option("--view", metavar="NAME", help="Begin with a saved view (v in the terminal, [views] in the configuration)."),
    click.option("--wall", is_flag=True, help="Begin with big type, for a second screen."),
)


def launch_options(*options: Decorator) -> Decorator:
    """Give a command these options, gathered as one `launch: Launch` argument."""

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def gathered(*arguments: Any, **values: Any) -> Any:
            chosen = {field.name: values.pop(field.name) for field in fields(Launch) if field.name in values}
            return function(*arguments, launch=_consistent(Launch(**chosen)), **values)

        command: Command = gathered
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _consistent(launch: Launch) -> Launch:
    """Refuse mock settings without the mock: they would be ignored in silence."""
    for name in ("scenario", "seed", "speed"):
        if getattr(launch, name) is not None and not launch.mock:
            raise click.UsageError(f"--{name} needs --mock")
    return launch
