"""A venue profile from TOML: strict, and every error is one line that names file, table and key."""

import tomllib
from re import fullmatch
from typing import Any

from adlwatch.domain.fact import Grade
from adlwatch.domain.light_scale import LightScale
from adlwatch.domain.venue import VenueProfile, facts_of
from adlwatch.strict import Misfit, convert


class ProfileError(ValueError):
    """A profile that cannot be trusted."""


def parse(data: bytes, name: str) -> VenueProfile:
    """Read one profile; `name` is the file's, for errors. Raises ProfileError.

    Each `sources` list names keys of the `[sources]` table (or URLs); they come back as URLs.
    """
    try:
        table = tomllib.loads(data.decode())
        urls = _known_sources(table.pop("sources", {}))
        _resolve(table, urls, ())
        profile = convert(table, VenueProfile)
        _check_facts(profile)
        _check_light(profile.light)
    except Misfit as misfit:
        raise ProfileError(f"{name}: {_place(misfit)}: {misfit.problem}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{name}: not TOML: {error}") from None
    return profile


def _place(misfit: Misfit) -> str:
    """("facts", "rule", "grade") → `[facts.rule] grade`."""
    *tables, key = (str(step) for step in misfit.path)
    return f"[{'.'.join(tables)}] {key}" if tables else key


def _known_sources(table: Any) -> dict[str, str]:
    if not isinstance(table, dict):
        raise Misfit(("sources",), "expected a table of key = URL")
    for key, url in table.items():
        if not _is_url(url):
            raise Misfit(("sources", key), "is not a URL")
    return table


def _is_url(text: Any) -> bool:
    return isinstance(text, str) and fullmatch(r"https?://[^\s/]+\.\S+", text) is not None


def _resolve(node: dict[str, Any], urls: dict[str, str], path: tuple[str, ...]) -> None:
    """Put URLs in the place of keys, everywhere below `node`."""
    for key, child in node.items():
        if isinstance(child, dict):
            _resolve(child, urls, (*path, key))
        elif key == "sources" and isinstance(child, list):
            for source in child:
                if source not in urls and not _is_url(source):
                    raise Misfit((*path, key), f"{source!r} is neither in [sources] nor a URL")
            node[key] = [urls.get(source, source) for source in child]


def _check_facts(profile: VenueProfile) -> None:
    for key, fact in facts_of(profile).items():
        if not fact.sources:
            raise Misfit(("facts", key, "sources"), "a fact needs at least one")
        if (fact.value is None) != (fact.grade is Grade.UNKNOWN):
            raise Misfit(("facts", key, "grade"), f'"{fact.grade}" {"without" if fact.value is None else "with"} a value')


def _check_light(light: LightScale) -> None:
    if not light.sources:
        raise Misfit(("light", "sources"), "a fact needs at least one")
    if (light.levels is not None) + (light.full is not None) + light.rank > 1:
        raise Misfit(("light", "levels"), "levels, full and rank exclude each other")
    if light.readable and light.field is None:
        raise Misfit(("light", "field"), "is required for a scale that can be read")
    if light.levels is not None and not all(1 <= level <= 5 for level in light.levels.values()):
        raise Misfit(("light", "levels"), "a level is 1, 2, 3, 4 or 5 (5 is closed first)")
    if light.full is not None and not light.full > 0:
        raise Misfit(("light", "full"), "must be above 0")
