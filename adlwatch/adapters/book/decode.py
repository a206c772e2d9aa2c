"""Decoding a book file, with one clear line for whatever is wrong in it."""

import json
import math
from typing import Any, NoReturn

from adlwatch.adapters.base import BadPayload
from adlwatch.adapters.book.file import BookFile
from adlwatch.strict import Misfit, Path, convert, leaves


def decode(data: bytes, name: str) -> BookFile:
    """The file as written, checked against its shape.

    Raises `BadPayload` with one line: `NAME: PATH: what is wrong`.
    """
    tree = _tree(data, name)
    for path, value in leaves(tree):
        if isinstance(value, float) and not math.isfinite(value):
            refuse(name, _place(path), f"expected a finite number, got {value}")
    try:
        return convert(tree, BookFile)
    except Misfit as misfit:
        refuse(name, _place(misfit.path), misfit.problem)


def refuse(name: str, place: str, problem: str) -> NoReturn:
    """Raise the one line that names the file, the place in it, and what is wrong."""
    line = ": ".join(part for part in (name, place, problem) if part)
    raise BadPayload("".join(char if char.isprintable() else repr(char)[1:-1] for char in line))


def _tree(data: bytes, name: str) -> Any:
    if not data.strip():
        refuse(name, "", "is empty")
    try:
        return json.loads(data, object_pairs_hook=_unique, parse_int=_integer)
    except json.JSONDecodeError as error:
        refuse(name, f"line {error.lineno} column {error.colno}", f"is not JSON: {error.msg}")
    except UnicodeDecodeError:
        refuse(name, "", "is not UTF-8 text")
    except RecursionError:
        refuse(name, "", "is nested too deeply")
    except ValueError as error:
        refuse(name, "", str(error))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys are written once: of two, silently taking the last would hide the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'the key "{twice}" is written twice in one object')
    return found


def _integer(text: str) -> float:
    """A whole number; one of hundreds of digits fits no float and no reading of it is meant."""
    return int(text) if len(text) < 300 else math.inf


def _place(path: Path) -> str:
    """A path as it is written: accounts[0].id."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
