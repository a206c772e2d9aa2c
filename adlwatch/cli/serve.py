"""`adlwatch serve`: the terminal in a browser, on this machine unless a TLS front says otherwise."""

import shlex
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import click

from adlwatch.cli.assessed import with_config
from adlwatch.cli.metrics import Address, AddressType
from adlwatch.cli.options import SCREEN_OPTIONS, SOURCE_OPTIONS, Launch, launch_options

DEFAULT = "127.0.0.1:8000"


@click.command("serve")
@launch_options(*SOURCE_OPTIONS, *SCREEN_OPTIONS)
@click.option("--listen", type=AddressType(), default=DEFAULT, metavar="HOST:PORT", help=f"Where to answer. [{DEFAULT}]")
@click.option("--public-url", metavar="https://…", help="What browsers call it: the address of the TLS front before it.")
@click.pass_context
def command(context: click.Context, launch: Launch, *, listen: Address, public_url: str | None) -> None:
    """Show the terminal in a browser, until stopped. Open the link that is printed: it works once, then the next one is printed.

    What other machines can reach needs a front with TLS, and --public-url.
    """
    launch = with_config(launch, context.obj)
    url = _checked(launch, listen, public_url)
    try:
        from adlwatch.export.browser import BrowserServer  # noqa: PLC0415  # --help needs no server
    except ModuleNotFoundError as missing:
        raise click.ClickException(f"serve needs the package textual-serve (no module {missing.name})") from None
    server = BrowserServer(
        shlex.join(_command(launch)), listen.host, listen.port, url, lambda link: click.echo(f"adlwatch: {link}")
    )
    server.serve()


def _checked(launch: Launch, listen: Address, public_url: str | None) -> str:
    """What browsers call it. Raises `click.ClickException` for what would be seen by others."""
    from adlwatch.export.http import is_loopback  # noqa: PLC0415  # as above

    if launch.book == "-":
        raise click.ClickException("--book -: standard input can't be read by every tab; name a file")
    if listen.port == 0:
        raise click.ClickException(f"--listen {listen}: name a port")
    if public_url is None:
        if not is_loopback(listen.host):
            raise click.ClickException(
                f"--listen {listen}: other machines could reach it; put a front with TLS before it, and name it: --public-url https://…"
            )
        return f"http://{listen}"
    parts = urlsplit(public_url)
    if parts.scheme != "https" or not parts.netloc or parts.path not in ("", "/") or parts.query or "@" in parts.netloc:
        raise click.ClickException(f"--public-url {public_url}: expected such as https://adl.example.com")
    return public_url


def _command(launch: Launch) -> Iterator[str]:
    """The same sources and looks for the process behind each tab."""
    yield from (sys.executable, "-m", "adlwatch")
    if launch.mock:
        yield "--mock"
    for name in ("scenario", "seed", "speed", "book", "config", "theme", "view"):
        value = getattr(launch, name)
        if value is not None:
            yield from (f"--{name}", str(value))
    if launch.wall:
        yield "--wall"
    for address in launch.hyperliquid:
        yield from ("--hyperliquid", address)
    if launch.ascii is not None:
        yield "--ascii" if launch.ascii else "--unicode"
