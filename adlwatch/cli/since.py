"""A span of time on the command line: `90m`, `24h`, `30d`, `2w`."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=3650)


class Span(click.ParamType[timedelta]):
    """A number and its unit, as a `timedelta`."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Click's own hook; a default may be a `timedelta` already."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)([smhdw])", str(value).strip())
        if found is None:
            self.fail(f'"{value}" is no span of time; expected one such as 90m, 24h, 30d or 2w', param, ctx)
        return min(_LONGEST, timedelta(**{_UNITS[found[2]]: float(found[1])}))


def since_option(default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--since SPAN`."""
    return click.option(
        "--since", type=Span(), default=default, metavar="SPAN", help=f"How far back: 90m, 24h, 30d … [{default}]"
    )
