"""Documented replies with something wrong in them, and what no reading may hold whatever is wrong."""

import copy
import math
import random
from collections.abc import Iterator
from typing import Any

import msgspec

BAD: list[Any] = [None, True, -1, 0, 1.5, 10**30, "", "x", "NaN", "-inf", "1e400", [], {}, [None], {"a": 1}, "☃" * 100]


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


def labelled(document: Any) -> Iterator[tuple[tuple[Any, ...], str, Any, Any]]:
    """Every place of a document, taken out, doubled, and replaced by every bad value: place, action, value, what comes of it."""
    for value in BAD:
        yield (), "replace", value, value
    for place in places(document):
        for action in ("drop", "double"):
            yield place, action, None, changed(document, place, action)
        for value in BAD:
            yield place, "replace", value, changed(document, place, "replace", value)


def single(document: Any) -> Iterator[Any]:
    """What comes of any one change."""
    return (reply for *_, reply in labelled(document))


def several(document: Any, random_: random.Random) -> Any:
    """Two to four places changed at once."""
    for _ in range(random_.randint(2, 4)):
        found = list(places(document))
        if found:
            action = random_.choice(("drop", "double", "replace"))
            document = changed(document, random_.choice(found), action, random_.choice(BAD))
    return document


def changed(document: Any, place: tuple[Any, ...], action: str, value: Any = None) -> Any:
    document = copy.deepcopy(document)
    *way, last = place
    parent = document
    for key in way:
        parent = parent[key]
    if action == "drop":
        del parent[last]
    elif action == "replace":
        parent[last] = copy.deepcopy(value)
    elif isinstance(parent, list):
        parent.append(copy.deepcopy(parent[last]))
    return document


def finite(value: Any) -> bool:
    """Whether every number in it, however deep, is one."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, msgspec.Struct):
        return all(finite(getattr(value, name)) for name in value.__struct_fields__)
    return not isinstance(value, tuple) or all(map(finite, value))
