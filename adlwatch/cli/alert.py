"""`adlwatch alert`: the alerts as the running adlwatch keeps them, decisions about them, and whether channels work."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
import msgspec

from adlwatch.cli.assessed import with_config
from adlwatch.cli.compose import configuration, history_path
from adlwatch.cli.grid import Column, grid, printable, width
from adlwatch.cli.kept import CONFIG_OPTION, reader
from adlwatch.cli.options import Launch, launch_options
from adlwatch.cli.output import write
from adlwatch.cli.services import who
from adlwatch.cli.since import Span

if TYPE_CHECKING:
    from adlwatch.config.channels import ChannelTable
    from adlwatch.domain.alert import Alert
    from adlwatch.store.entries import Entry

COLUMNS = (
    Column("STATE"),
    Column("LEVEL", right=True),
    Column("RULE"),
    Column("SINCE (UTC)", from_width=80),
    Column("WHAT"),
    Column("KEY", from_width=100),
)


@click.group("alert")
def command() -> None:
    """List, acknowledge and snooze alerts; try channels."""


@command.command("list")
@launch_options(CONFIG_OPTION)
@click.option("--json", "as_json", is_flag=True, help="Print the alerts as JSON.")
@click.pass_context
def list_(context: click.Context, launch: Launch, *, as_json: bool) -> None:
    """Show the alerts that there are, open ones first; the resolved ones of the last day after them."""
    alerts = _alerts(launch, context)
    if as_json:
        write(msgspec.json.encode(alerts).decode())
    else:
        write(grid(COLUMNS, [_row(each) for each in alerts], width()) if alerts else "no alerts")


@command.command("ack")
@click.argument("key")
@launch_options(CONFIG_OPTION)
@click.pass_context
def ack(context: click.Context, launch: Launch, key: str) -> None:
    """Say that somebody has seen the alert KEY, or the one alert whose key contains that."""
    from adlwatch.store.entries import decision  # noqa: PLC0415  # --help needs no database

    alert = _open_alert(_alerts(launch, context), key)
    _decide(launch, context, decision(alert.key, datetime.now(UTC), "acknowledged", None, who()))
    write(f"acknowledged: {printable(alert.text)}")


@command.command("snooze")
@click.argument("key")
@click.argument("span", type=Span())
@launch_options(CONFIG_OPTION)
@click.pass_context
def snooze(context: click.Context, launch: Launch, key: str, span: timedelta) -> None:
    """Hear nothing of the alert KEY for SPAN (30m, 4h …), unless it gets worse."""
    from adlwatch.store.entries import decision  # noqa: PLC0415  # as above

    alert, now = _open_alert(_alerts(launch, context), key), datetime.now(UTC)
    _decide(launch, context, decision(alert.key, now, "snoozed", now + span, who()))
    write(f"snoozed until {now + span:%Y-%m-%d %H:%M}Z: {printable(alert.text)}")


@command.command("test")
@click.argument("channel", required=False)
@launch_options(CONFIG_OPTION)
@click.pass_context
def test(context: click.Context, launch: Launch, channel: str | None) -> None:
    """Send a message through CHANNEL, or through every one; exit code 1 where one did not take it."""
    from adlwatch.domain.channel import Message, Tone  # noqa: PLC0415  # as above
    from adlwatch.engine.lane import Undelivered  # noqa: PLC0415  # as above
    from adlwatch.engine.senders import sender  # noqa: PLC0415  # as above

    body = "This is a test. Nothing needs your attention."
    failed = False
    for each in _channels(launch, context, channel):
        key = f"test-{each.name}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        try:
            sender(each.url)(Message("adlwatch test", body, Tone.NOTE, key))
        except Undelivered as error:
            failed = True
            write(f"{each.name}: not taken: {printable(str(error))}")
        else:
            write(f"{each.name}: taken")
    context.exit(1 if failed else 0)


def _channels(launch: Launch, context: click.Context, name: str | None) -> "tuple[ChannelTable, ...]":
    from adlwatch.strict import nearest  # noqa: PLC0415  # only for those who mistype

    config = configuration(with_config(launch, context.obj), sources=False)
    chosen = tuple(each for each in config.channels if name in (None, each.name))
    if not config.channels:
        raise click.ClickException(f"no [[channel]] in {config.path or 'any configuration'}")
    if not chosen:
        raise click.ClickException(f'no channel "{name}"{nearest(str(name), [each.name for each in config.channels])}')
    return chosen


def _alerts(launch: Launch, context: click.Context) -> "tuple[Alert, ...]":
    """As they were last kept: at every transition, and twice a minute."""
    from adlwatch.domain.alert import AlertBook  # noqa: PLC0415  # as above
    from adlwatch.domain.alerts import shown  # noqa: PLC0415  # as above
    from adlwatch.engine.recorder import ALERTS  # noqa: PLC0415  # as above
    from adlwatch.store.reader import Unreadable  # noqa: PLC0415  # as above

    try:
        return shown(reader(launch, context).kept(ALERTS, AlertBook) or AlertBook())
    except Unreadable as error:
        raise click.ClickException(str(error)) from None


def _open_alert(alerts: "tuple[Alert, ...]", key: str) -> "Alert":
    from adlwatch.strict import nearest  # noqa: PLC0415  # as above

    opened = [alert for alert in alerts if alert.resolved_at is None]
    found = [alert for alert in opened if alert.key == key] or [alert for alert in opened if key in alert.key]
    if not opened:
        raise click.ClickException("no alert is open")
    if not found:
        raise click.ClickException(f'no open alert "{key}"{nearest(key, [alert.key for alert in opened])}')
    if len(found) > 1:
        raise click.ClickException(f'"{key}" is in the keys of {len(found)} alerts: {", ".join(alert.key for alert in found)}')
    return found[0]


def _decide(launch: Launch, context: click.Context, entry: "Entry") -> None:
    """Hand the decision to whichever adlwatch keeps this history, now or next."""
    from adlwatch.store.history import History  # noqa: PLC0415  # as above

    config = configuration(with_config(launch, context.obj), sources=False)
    history = History(history_path(config), lambda: datetime.now(UTC), timedelta(days=config.history.days))
    history.put(entry)
    kept = history.flush().result(timeout=20)
    fault = history.fault
    history.close()
    if not kept:
        raise click.ClickException(fault or "the history did not take it")


def _row(alert: "Alert") -> tuple[str, ...]:
    now = datetime.now(UTC)
    if alert.resolved_at is not None:
        state = "resolved"
    elif alert.snoozed_until is not None and alert.snoozed_until > now:
        state = f"snoozed until {alert.snoozed_until:%H:%M}"
    else:
        state = "open" if alert.acknowledged_by is None else f"acknowledged by {printable(alert.acknowledged_by)}"
    since = f"{alert.opened_at:%m-%d %H:%M:%S}"
    return state, str(alert.level), alert.rule, since, printable(alert.text), printable(alert.key)
