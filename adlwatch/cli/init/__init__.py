"""`adlwatch init`: write a first configuration, by questions or by options."""

from pathlib import Path

import click

from adlwatch.cli.init.toml import written


@click.command("init")
@click.option("--path", type=click.Path(dir_okay=False, path_type=Path), help="Where to write, in place of the user's own file.")
@click.option(
    "--source",
    "sources",
    metavar="'KIND key=value …'",
    multiple=True,
    help="Add a source without a question (repeatable), such as 'hyperliquid id=vault address=0x…'.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def command(path: Path | None, sources: tuple[str, ...], *, force: bool) -> None:
    """Write a configuration that only you may read, after it has been read back and found valid.

    Without --source it asks what to watch. Keys are named by reference (env:NAME, file:PATH, cmd:PROGRAM, keyring:SERVICE/USER)
    and never stand in the file; a private key is refused: watching needs none.
    """
    from adlwatch.cli.init import ask, source, store  # noqa: PLC0415  # --help needs none of it
    from adlwatch.config.read import default_path  # noqa: PLC0415  # as above

    where = path or default_path()
    if not store.may_write(where, force=force, asking=not sources):
        raise click.ClickException(f"{where} is there already: --force replaces it")
    tables = [source.parsed(line) for line in sources] if sources else ask.sources()
    store.write(where, written(tables))
    click.echo(f"Written: {where}\nadlwatch doctor checks it; adlwatch opens it.")
