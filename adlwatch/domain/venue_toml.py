"""A venue profile from TOML: strict, and every error is one line that names file, table and key."""

import tomllib
from difflib import get_close_matches
from re import fullmatch, search
from typing import Any

import msgspec
from msgspec import Struct

from adlwatch.domain.fact import Fact, Grade
from adlwatch.domain.light_scale import LightScale
from adlwatch.domain.venue import Facts, VenueProfile


class ProfileError(ValueError):
    """A profile that cannot be trusted."""


def parse(data: bytes, name: str) -> VenueProfile:
    """Read one profile; `name` is the file's, for errors. Raises ProfileError.

    Each `sources` list names keys of the `[sources]` table (or URLs); they come back as URLs.
    """
    try:
        table = tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise ProfileError(f"{name}: not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{name}: {error}") from error
    urls = _known_sources(table.pop("sources", {}), name)
    _resolve(table, urls, name, ())
    try:
        profile = msgspec.convert(table, VenueProfile)
    except msgspec.ValidationError as error:
        raise ProfileError(_worded(str(error), name)) from error
    _check(profile, name)
    return profile


def _known_sources(table: Any, name: str) -> dict[str, str]:
    if not isinstance(table, dict):
        raise ProfileError(f"{name}: [sources] must be a table of key = URL")
    for key, url in table.items():
        if not _is_url(url):
            raise ProfileError(f"{name}: [sources] {key}: not a URL")
    return table


def _is_url(text: Any) -> bool:
    return isinstance(text, str) and fullmatch(r"https?://[^\s/]+\.[^\s]+", text) is not None


def _resolve(node: dict[str, Any], urls: dict[str, str], name: str, path: tuple[str, ...]) -> None:
    for key, child in node.items():
        if isinstance(child, dict):
            _resolve(child, urls, name, (*path, key))
        elif key == "sources" and isinstance(child, list):
            for source in child:
                if source not in urls and not _is_url(source):
                    raise ProfileError(f"{name}: [{'.'.join(path)}] sources: {source!r} is neither in [sources] nor a URL")
            node[key] = [urls.get(source, source) for source in child]


def _worded(message: str, name: str) -> str:
    """Turn msgspec's "… - at `$.facts.rule.value`" into "name: [facts.rule] value: …" and add the nearest known key."""
    text, _, where = message.partition(" - at `$")
    path = [part for part in where.rstrip("`").split(".") if part]
    unknown = search(r"unknown field `(.+)`", text) or search(r"missing required field `(.+)`", text)
    if unknown:
        table, key = path, unknown[1]
        text = "unknown key" if "unknown" in text else "required, and missing"
        near = get_close_matches(key, _keys(table), 1) if text == "unknown key" else []
        text += f" (did you mean {near[0]}?)" if near else ""
    else:
        table, key = path[:-1], path[-1] if path else ""
    return f"{name}: " + (f"[{'.'.join(table)}] " if table else "") + (f"{key}: " if key else "") + text


def _keys(table: list[str]) -> list[str]:
    known: dict[str, type[Struct]] = {"": VenueProfile, "facts": Facts, "light": LightScale}
    struct = known.get(".".join(table), Fact)
    return list(struct.__struct_fields__)


def _check(profile: VenueProfile, name: str) -> None:
    """What types cannot say."""
    for key, fact in facts(profile).items():
        where = f"{name}: [facts.{key}]"
        if not fact.sources:
            raise ProfileError(f"{where} sources: a fact needs at least one")
        if (fact.value is None) != (fact.grade is Grade.UNKNOWN):
            raise ProfileError(f"{where} grade: '{fact.grade}' {'without' if fact.value is None else 'with'} a value")
    light = profile.light
    if not light.sources:
        raise ProfileError(f"{name}: [light] sources: a fact needs at least one")
    if (light.levels is not None) + (light.full is not None) + light.rank > 1:
        raise ProfileError(f"{name}: [light] levels, full, rank: at most one may be given")
    if light.readable and light.field is None:
        raise ProfileError(f"{name}: [light] field: required for a scale that can be read")
    if light.levels is not None and not all(1 <= level <= 5 for level in light.levels.values()):
        raise ProfileError(f"{name}: [light] levels: a level is 1, 2, 3, 4 or 5 (5 is closed first)")
    if light.full is not None and not light.full > 0:
        raise ProfileError(f"{name}: [light] full: must be above 0")


def facts(profile: VenueProfile) -> dict[str, Fact[Any]]:
    """The facts that were looked for, by name, in the order of `Facts`."""
    found = {key: getattr(profile.facts, key) for key in Facts.__struct_fields__}
    return {key: fact for key, fact in found.items() if fact is not None}
