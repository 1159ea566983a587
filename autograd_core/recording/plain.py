"""Records as JSON and back. What is valid is read off the declarations of the records themselves.

A file may come from anybody: it is data, never code, and nothing in it is believed before it was looked
at. Each type has a reader, which takes what JSON gave and either returns what the declaration promises
or raises `Unfit` with one sentence.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import re
import types
import typing
from collections.abc import Callable

from . import events as e
from .values import SMALL

ID = re.compile(r"[a-z]\d{1,15}")
LARGEST = 2**63
DIMS = 64  # NumPy has no more
LONGEST = 100_000  # characters of a text
# JSON has no such numbers.
UNUSUAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class Unfit(Exception):
    """What stands in the file is not what should stand there; the text says so."""


def write(value: object) -> object:
    """A record, or what a record may hold, as what JSON can hold. A field at its default is left out."""
    if type(value) is e.Value:
        written = _fields(value)
        if value.data is not None:
            written["data"] = _numbers(value.data)
        return written
    if dataclasses.is_dataclass(value):
        return _fields(value)
    if isinstance(value, (tuple, list)):
        return [write(each) for each in value]
    if isinstance(value, dict):
        return {str(key): write(each) for key, each in value.items()}
    return _numbers(value)


def _fields(record: object) -> dict[str, object]:
    return {
        field.name: write(getattr(record, field.name))
        for field in _declared(type(record))
        if field.default is dataclasses.MISSING or getattr(record, field.name) != field.default
    }


@functools.cache
def _declared(kind: type) -> tuple[dataclasses.Field, ...]:
    return dataclasses.fields(kind)


def _numbers(data: object) -> object:
    if isinstance(data, list):
        return [_numbers(each) for each in data]
    if isinstance(data, float) and not math.isfinite(data):
        return str(data)
    return data


def read(kind: type, data: object) -> object:
    """A value of this type, made from what `write` made of it."""
    return reader(kind)(data)


@functools.cache
def reader(kind: object) -> Callable[[object], object]:
    """What reads a declared type."""
    if kind in PLAIN:
        return PLAIN[kind]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        (inner,) = [reader(each) for each in arguments if each is not types.NoneType]
        return lambda data: None if data is None else inner(data)
    if origin is tuple and arguments[-1] is not Ellipsis:
        return functools.partial(_each, [reader(each) for each in arguments])
    if origin in (tuple, list):
        return functools.partial(_sequence, origin, reader(arguments[0]))
    if origin is dict:
        return functools.partial(_mapping, *map(reader, arguments))
    if kind is e.Value:
        return _value
    return functools.partial(_record, kind)


def name_of(data: object) -> str:
    """What JSON calls it, for a sentence."""
    names = {bool: "true or false", str: "a text", dict: "an object", list: "a list"}
    if data is None:
        return "null"
    return names.get(type(data), "a number")


def _wrong(wanted: str, data: object) -> Unfit:
    return Unfit(f"should be {wanted}, and is {name_of(data)}")


def _text(data: object) -> str:
    if type(data) is not str:
        raise _wrong("a text", data)
    if len(data) > LONGEST:
        raise Unfit(f"is a text of {len(data)} characters, and {LONGEST} is the most")
    try:
        data.encode()
    except UnicodeEncodeError:
        raise Unfit("has half a character in it") from None
    return data


def _id(data: object) -> str:
    if type(data) is not str or not ID.fullmatch(data):
        raise Unfit("should be an id, a letter and a number, and is something else")
    return data


def _integer(data: object) -> int:
    if type(data) is not int:
        raise _wrong("a whole number", data)
    if not -LARGEST <= data < LARGEST:
        raise Unfit("is a number beyond 64 bits")
    return data


def _boolean(data: object) -> bool:
    if type(data) is not bool:
        raise _wrong("true or false", data)
    return data


def _float(data: object) -> float:
    if type(data) is str and data in UNUSUAL:
        return UNUSUAL[data]
    return data if type(data) is float else float(_integer(data))


PLAIN: dict[object, Callable] = {
    str: _text,
    e.Id: _id,
    int: _integer,
    float: _float,
    bool: _boolean,
}


def _list(data: object) -> list:
    if type(data) is not list:
        raise _wrong("a list", data)
    return data


def _object(data: object) -> dict:
    if type(data) is not dict:
        raise _wrong("an object", data)
    return data


def _each(inner: list[Callable], data: object) -> tuple:
    if len(_list(data)) != len(inner):
        raise Unfit(f"should have {len(inner)} entries, and has {len(data)}")
    return tuple([read_one(each) for read_one, each in zip(inner, data)])


def _sequence(kind: type, inner: Callable, data: object) -> tuple | list:
    return kind([inner(each) for each in _list(data)])


def _mapping(key: Callable, inner: Callable, data: object) -> dict:
    return {key(_key(name, key)): inner(each) for name, each in _object(data).items()}


def _key(name: str, key: Callable) -> object:
    """The key of an object, which is always a text in JSON."""
    return int(name) if key is _integer and re.fullmatch(r"-?\d{1,18}", name) else name


def _record(kind: type, data: object) -> object:
    given = dict(_object(data))
    values = {}
    for field, inner in _readers(kind):
        if field.name in given:
            try:
                values[field.name] = inner(given.pop(field.name))
            except Unfit as wrong:
                raise Unfit(_inside(field.name, wrong)) from None
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise Unfit(f"has no `{field.name}`")
    if given:
        raise Unfit(f"has a field that {kind.__name__} does not have")
    return kind(**values)


def _inside(name: str, wrong: Unfit) -> str:
    """`values: should be a list, and is null`, and for what lies deeper `value.shape: ...`."""
    said = str(wrong)
    deeper = re.match(r"[\w.]+: ", said)
    return f"{name}.{said}" if deeper else f"{name}: {said}"


@functools.cache
def _readers(kind: type) -> tuple[tuple[dataclasses.Field, Callable], ...]:
    hints = typing.get_type_hints(kind)
    return tuple((field, reader(hints[field.name])) for field in _declared(kind))


def _value(data: object) -> e.Value:
    """A `Value`, whose `data` has the shape that it says."""
    given = dict(_object(data))
    numbers = given.pop("data", None)
    text, shape, dtype = map(given.pop, ("text", "shape", "dtype"), (None,) * 3)
    if given:
        raise Unfit("has a field that Value does not have")
    value = e.Value(_text(text), _shape(shape), _text(dtype))
    if numbers is None:
        return value
    if math.prod(value.shape) > SMALL:
        raise Unfit(f"data: has more than {SMALL} numbers")
    return dataclasses.replace(value, data=_nested(numbers, value.shape))


def _shape(data: object) -> tuple[int, ...]:
    if len(_list(data)) > DIMS:
        raise Unfit(f"shape: has more than {DIMS} dimensions")
    shape = tuple(map(_integer, data))
    if any(size < 0 for size in shape):
        raise Unfit("shape: has a negative size")
    return shape


def _nested(data: object, shape: tuple[int, ...]) -> object:
    if not shape:
        if type(data) is str and data in UNUSUAL:
            return UNUSUAL[data]
        if type(data) is float or type(data) is bool:
            return data
        return _integer(data) if type(data) is int else _no_number(data)
    if len(_list(data)) != shape[0]:
        raise Unfit("data: does not have the shape that it says")
    return [_nested(each, shape[1:]) for each in data]


def _no_number(data: object) -> None:
    raise Unfit(f"data: should hold numbers, and holds {name_of(data)}")
