"""Foreign tables into frozen structs, strictly: a misfit is named by its path, what was expected, and the nearest right name."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import msgspec
from msgspec import Struct

T = TypeVar("T")
Path = tuple[str | int, ...]

_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "null": "nothing",
    "object": "a table",
    "str": "a text",
}
_SHOWN = 60


class Misfit(ValueError):
    """A value that does not fit: `path` leads to it, `problem` says what is wrong in words."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(problem)
        self.path = path
        self.problem = problem


def convert(tree: Any, type_: type[T], dec_hook: Callable[[type, Any], Any] | None = None) -> T:
    """`tree` as that type, a struct of structs, lists and tables. Raises `Misfit`."""
    try:
        return msgspec.convert(tree, type_, dec_hook=dec_hook)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        path = _steps(place)
        if "[...]" in place:
            raise _inside(tree, type_, _wrong_value(tree, type_, path), dec_hook) from None
        raise _misfit(message, path, tree, type_) from None


def nearest(word: str, known: Iterable[str]) -> str:
    """`; did you mean "…"?`, or else the names there are."""
    names = sorted(known)
    found = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    return f'; did you mean "{found[0]}"?' if found else f"; known here: {', '.join(names)}"


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value in a tree that is neither a table nor a list, with its path."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else None
    if items is None:
        yield path, tree
        return
    for key, value in items:
        yield from leaves(value, (*path, key))


def _inside(tree: Any, type_: Any, path: Path, dec_hook: Callable[[type, Any], Any] | None) -> Misfit:
    """What does not fit in the value at `path`, which by itself says where."""
    try:
        convert(_value_at(tree, path), _type_at(type_, path), dec_hook)
    except Misfit as misfit:
        return Misfit((*path, *misfit.path), misfit.problem)
    return Misfit(path, f"does not fit: {_shown(_value_at(tree, path))}")


def _misfit(message: str, path: Path, tree: Any, type_: Any) -> Misfit:
    wanted = _type_at(type_, path)
    if found := re.fullmatch(r"Object contains unknown field `(.*)`", message, re.DOTALL):
        known = (field.encode_name for field in msgspec.structs.fields(_struct(wanted)))
        return Misfit((*path, found[1]), f"unknown key{nearest(found[1], known)}")
    if found := re.fullmatch(r"Object missing required field `(.*)`", message, re.DOTALL):
        return Misfit((*path, found[1]), "is required")
    if not message.startswith(("Expected", "Invalid")):
        return Misfit(path, message)
    return Misfit(path, f"expected {_expected(message, wanted)}, got {_shown(_value_at(tree, path))}")


def _expected(message: str, wanted: Any) -> str:
    """What msgspec asked for, in the words of a configuration's author."""
    choices = [value for part in (wanted, *get_args(wanted)) for value in _choices(part)]
    if choices:
        return "one of " + ", ".join(f'"{choice}"' for choice in choices)
    if message.startswith(("Invalid RFC3339", "Expected `datetime")):
        return "a time with its zone, such as 2026-11-22T12:00:00Z"
    found = re.match(r"Expected `([^`]+)`(?:, got `\w+`)?(.*?)(?:, got \d+)?$", message, re.DOTALL)
    return " or ".join(_WORDS.get(name, name) for name in found[1].split(" | ")) + found[2] if found else message


def _choices(part: Any) -> Iterable[str]:
    """The words that a literal or an enumeration knows."""
    if isinstance(part, type) and issubclass(part, Enum):
        return [str(member.value) for member in part]
    return get_args(part) if get_origin(part) is Literal else ()


def _steps(place: str) -> Path:
    """`.source[1].path` → ("source", 1, "path"); it ends where msgspec does not say which key of a table it means."""
    known = place.removesuffix("`").partition("[...]")[0]
    return tuple(int(index) if index else key for key, index in re.findall(r"\.([^.\[]+)|\[(\d+)\]", known))


def _wrong_value(tree: Any, type_: Any, path: Path) -> Path:
    """The path of the value that does not fit in a table of free keys, which msgspec does not name."""
    for key, value in _value_at(tree, path).items():
        try:
            msgspec.convert(value, _type_at(type_, (*path, key)))
        except msgspec.ValidationError:
            return (*path, key)
    return path


def _type_at(type_: Any, path: Path) -> Any:
    for step in path:
        if get_origin(type_) is dict:
            type_ = get_args(type_)[1]
        elif isinstance(step, int) and (row := _row(type_)):
            type_ = msgspec.structs.fields(row)[step].type
        elif isinstance(step, int):
            type_ = next(part for part in (type_, *get_args(type_)) if get_origin(part) in (tuple, list))
            type_ = get_args(type_)[0]
        else:
            type_ = next(field.type for field in msgspec.structs.fields(_struct(type_)) if field.encode_name == step)
    return type_


def _row(type_: Any) -> type[Struct] | None:
    """The struct that is written as a list, where this type is one."""
    is_row = isinstance(type_, type) and issubclass(type_, Struct) and type_.__struct_config__.array_like
    return cast("type[Struct]", type_) if is_row else None


def _struct(type_: Any) -> type[Struct]:
    for part in (type_, *get_args(type_)):
        origin = get_origin(part) or part
        if isinstance(origin, type) and issubclass(origin, Struct):
            return cast("type[Struct]", part)
    raise TypeError(f"no struct in {type_}")


def _value_at(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
