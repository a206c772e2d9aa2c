"""Bars kept at two resolutions: five minutes for a day, hours for the two weeks before."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby

from adlwatch.domain.model import Candle

FINE = timedelta(minutes=5)
FINE_FOR = timedelta(days=1)
COARSE_FOR = timedelta(days=14)


def extended(old: tuple[Candle, ...], new: tuple[Candle, ...], now: datetime) -> tuple[Candle, ...]:
    """`old` with `new` at its end: five-minute bars for a day, merged into hours before that, fourteen days in all."""
    if new:
        old = tuple(candle for candle in old if candle.time < new[0].time)
    kept = [candle for candle in (*old, *new) if candle.time >= now - COARSE_FOR]
    early = [candle for candle in kept if candle.time < fine_from(now)]
    return (*_hourly(early), *kept[len(early) :])


def fine_from(now: datetime) -> datetime:
    """From when on bars are fine: a full hour, so that none is counted in two resolutions."""
    return _hour(now) - FINE_FOR


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _hourly(candles: list[Candle]) -> Iterator[Candle]:
    for hour, group in groupby(candles, lambda candle: _hour(candle.time)):
        part = list(group)
        volumes = [candle.volume for candle in part if candle.volume is not None]
        yield Candle(
            hour,
            part[0].open,
            max(candle.high for candle in part),
            min(candle.low for candle in part),
            part[-1].close,
            sum(volumes) if len(volumes) == len(part) else None,
        )
