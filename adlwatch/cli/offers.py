"""What the welcome screen offers, and what becomes of the answers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from adlwatch.cli.compose import configuration
from adlwatch.cli.options import Launch
from adlwatch.cli.starter import write
from adlwatch.config import Config, default_path
from adlwatch.tui.control import Backend, Offer, Refused, Start

Build = Callable[[Launch, Config], Backend]


def offers(launch: Launch, build: Build) -> tuple[Offer, ...]:
    """Mock, a public address, a book file, a starter configuration; `build` makes the backend of what is chosen."""
    path = launch.config or default_path()

    def starting(chosen: Launch) -> Start:
        try:
            config = configuration(chosen)
        except click.ClickException as problem:
            raise Refused(problem.message) from None
        return lambda: build(chosen, config)

    def address(answer: str) -> Start:
        return starting(replace(launch, hyperliquid=(answer,)))

    def book(answer: str) -> Start:
        return starting(replace(launch, book=answer))

    return (
        Offer(
            "The mock exchange",
            "A crash within a minute; offline, not real",
            lambda _: starting(replace(launch, mock=True)),
        ),
        Offer(
            "A public Hyperliquid address", "Needs no key: positions are public there", address, "Which address? 0x…, then enter"
        ),
        Offer("A book file", "JSON (adlwatch-book/1), watched for changes", book, "Which file? its path, then enter"),
        Offer("A starter configuration", f"Writes {path}", lambda _: _write(path)),
    )


def _write(path: Path) -> str:
    try:
        return write(path)
    except FileExistsError:
        raise Refused(f"{path} is there already: it names no sources") from None
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
