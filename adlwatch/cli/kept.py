"""The history file, for the commands that ask it and leave."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from adlwatch.cli.assessed import with_config
from adlwatch.cli.compose import configuration, history_path
from adlwatch.cli.options import Launch

if TYPE_CHECKING:
    from adlwatch.store.reader import Reader

CONFIG_OPTION = click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="ADLWATCH_CONFIG",
    show_envvar=True,
    help="Configuration file, in place of the user's own.",
)


def reader(launch: Launch, context: click.Context) -> "Reader":
    """What the configured history has kept. Raises `click.ClickException` where there is none yet."""
    from adlwatch.store.reader import Reader  # noqa: PLC0415  # --help needs no database

    path = history_path(configuration(with_config(launch, context.obj), sources=False))
    if not path.is_file():
        raise click.ClickException(f"{path}: no history yet; adlwatch keeps one while it watches")
    return Reader(str(path))
