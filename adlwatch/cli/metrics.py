"""`adlwatch metrics`: the book as Prometheus metrics over HTTP, for this machine unless told otherwise."""

import os
import socket
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from adlwatch.cli.assessed import with_config
from adlwatch.cli.options import SOURCE_OPTIONS, Launch, launch_options
from adlwatch.cli.unattended import Service, Stop, attend, logged_to_file, sources_of

if TYPE_CHECKING:
    from adlwatch.engine.engine import Engine

DEFAULT = "127.0.0.1:9464"
PATH = "/metrics"


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class AddressType(click.ParamType[Address]):
    """`HOST:PORT`, HOST an address or localhost."""

    name = "address"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Click's own hook."""
        from adlwatch.export.http import is_loopback  # noqa: PLC0415  # --help needs none

        host, colon, port = str(value).rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        try:
            is_loopback(host)
        except ValueError:
            colon = ""
        if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
            self.fail(f'"{value}" is no address to listen on; expected one such as {DEFAULT} or [::1]:9464', param, ctx)
        return Address(host, int(port))


@click.command("metrics")
@launch_options(*SOURCE_OPTIONS)
@click.option("--listen", type=AddressType(), default=DEFAULT, metavar="HOST:PORT", help=f"Where to answer. [{DEFAULT}]")
@click.option("--public", is_flag=True, help="Allow an address that other machines can reach: they will see your positions.")
@click.pass_context
def command(context: click.Context, launch: Launch, *, listen: Address, public: bool) -> None:
    """Watch, and answer GET /metrics in Prometheus' text format, until stopped.

    There is no login and no encryption: what may be reached from other machines needs a front that has both.
    """
    launch = with_config(launch, context.obj)
    config = sources_of(launch)
    service = exporter(listen, public=public)
    logged_to_file(config)
    attend(config, service)


def exporter(listen: Address, *, public: bool) -> Service:
    """Serves the metrics of the engine it is given. Raises `click.ClickException` where it cannot, or must not, listen."""
    from adlwatch.export.http import Page, is_loopback  # noqa: PLC0415  # --help needs none
    from adlwatch.export.metrics import CONTENT_TYPE, Exposition  # noqa: PLC0415  # as above

    local = is_loopback(listen.host)
    if not local and not public:
        raise click.ClickException(f"--listen {listen}: other machines could read your positions there; --public allows it")
    try:
        door = socket.create_server(listen, family=socket.AF_INET6 if ":" in listen.host else socket.AF_INET)
    except OSError as error:
        raise click.ClickException(f"--listen {listen}: {os.strerror(error.errno) if error.errno else error}") from None
    click.echo(f"adlwatch: metrics at http://{Address(*door.getsockname()[:2])}{PATH}", err=True)

    async def serve(engine: "Engine", _: Stop) -> None:
        exposition = Exposition()
        engine.subscribe(exposition.count)
        await Page(PATH, CONTENT_TYPE, lambda: exposition.text(engine.snapshot), local=local).serve(door)

    return serve
