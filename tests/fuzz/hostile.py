"""Values that nobody should pass, and right values made nearly right."""

from __future__ import annotations

import datetime
import decimal
import fractions
import functools
import math
import operator
import random
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import pandas as pd
import PIL.Image
import torch

LONG = "x" * 10**6


class Spoiled(NamedTuple):
    """A value, what it is in words, and whether no function may take it for numbers."""

    value: Any
    words: str
    holds_no_number: bool = False


class Trap:
    """An object, one special method of which raises what no library raises on purpose."""

    def __repr__(self) -> str:
        return "Trap()"


def trap(name: str) -> Any:
    """Make an object whose special method of that name raises."""

    def raising(*_args: Any, **_options: Any) -> Any:
        raise ZeroDivisionError(f"from {name}")

    return type("Trap", (Trap,), {name: raising})()


def broken_generator() -> Iterator[int]:
    yield 1
    raise ZeroDivisionError("from a generator")


def holding_itself() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


def linear() -> Any:
    torch.manual_seed(0)
    return torch.nn.Linear(6, 16)


def rows(**options: Any) -> Any:
    return np.arange(144, dtype=np.float64).reshape(24, 6).astype(**options)


def masked() -> Any:
    return np.ma.masked_array(rows(dtype=np.float32), mask=np.eye(24, 6, dtype=bool))


NUMBERS: dict[str, Any] = {
    "0": 0,
    "-1": -1,
    "1": 1,
    "7": 7,
    "2.5": 2.5,
    "-0.0": -0.0,
    "NaN": math.nan,
    "infinity": math.inf,
    "-infinity": -math.inf,
    "1e308": 1e308,
    "-1e308": -1e308,
    "1e-308": 1e-308,
    "5e-324": 5e-324,
    "1e20": 1e20,
    "2**31": 2**31,
    "2**32": 2**32,
    "2**63": 2**63,
    "2**64": 2**64,
    "-2**63": -(2**63),
    "10**30": 10**30,
    "10**400": 10**400,
    "10**5000": 10**5000,  # which Python refuses to write in digits
    "True": True,
    "np.True_": np.True_,
    "float16 1": np.float16(1),
    "int8 3": np.int8(3),
    "uint64 2**64 - 1": np.uint64(2**64 - 1),
    "float64 NaN": np.float64(math.nan),
    "1/3": fractions.Fraction(1, 3),
    "decimal NaN": decimal.Decimal("NaN"),
    "decimal 2": decimal.Decimal(2),
    "1 + 2j": 1 + 2j,
    "datetime64": np.datetime64("2020-01-01"),
    "date": datetime.date(2020, 1, 1),
    "pandas NA": pd.NA,
    "pandas NaT": pd.NaT,
}
TEXTS: dict[str, Any] = {
    "an empty text": "",
    "a blank": " ",
    "a million letters": LONG,
    "NUL": "a\0b",
    "half a surrogate": "a\ud800",
    "lines": "a\nb\n" * 30,
    "right to left": "\u202eabc",
    "braces": "{0} {x!r} %s",
    "no letters": "☃" * 300,
    "'3'": "3",
    "a path": "../../nowhere",
    "bytes": b"abc",
    "np.str_": np.str_("PC 1"),
    "a text of no other": "no such name",
}
CONTAINERS: dict[str, Callable[[], Any]] = {
    "[]": list,
    "()": tuple,
    "{}": dict,
    "an empty set": set,
    "a set": lambda: {1, 2, 3},
    "a set of texts": lambda: {"a", "b"},
    "a frozenset": lambda: frozenset([1.5]),
    "a generator": lambda: (x for x in (0.0, 1.0, 2.0)),
    "an empty generator": lambda: iter(()),
    "a generator that raises": broken_generator,
    "a range": lambda: range(5),
    "a million numbers": lambda: list(range(10**6)),
    "a ragged list": lambda: [[1.0, 2.0], [3.0]],
    "[None]": lambda: [None],
    "[None] * 24": lambda: [None] * 24,
    "a list of all sorts": lambda: ["a", 1, None, [2.0]],
    "arrays of two shapes": lambda: [np.ones(6), np.ones(5)],
    "a list that holds itself": holding_itself,
    "a list in lists": lambda: nested(40),
    "a list in a thousand lists": lambda: nested(2000),
    "{1: 2}": lambda: {1: 2},
    "{'a': NaN}": lambda: {"a": math.nan},
    "{None: None}": lambda: {None: None},
    "{(): []}": lambda: {(): []},
    "a dict of traps": lambda: {"a": trap("__array__")},
    "a name of a million letters": lambda: {LONG: 1.0},
    "[trap]": lambda: [trap("__repr__"), trap("__repr__")],
    "a mapping proxy": lambda: types.MappingProxyType({"a": 1}),
    "a memoryview": lambda: memoryview(bytearray(24)),
    "a bytearray": lambda: bytearray(24),
    "a slice": lambda: slice(None),
}
ARRAYS: dict[str, Callable[[], Any]] = {
    "shape (0,)": lambda: np.empty(0),
    "shape (0, 6)": lambda: np.empty((0, 6)),
    "shape (24, 0)": lambda: np.empty((24, 0)),
    "shape ()": lambda: np.array(1.0),
    "shape (1, 6)": lambda: np.ones((1, 6)),
    "shape (24, 7)": lambda: np.ones((24, 7)),
    "shape (24, 6)": lambda: rows(dtype=np.float32),
    "shape (6, 24, 6)": lambda: np.ones((6, 24, 6)),
    "shape (1,) * 32": lambda: np.ones((1,) * 32),
    "zeros": lambda: np.zeros((24, 6)),
    "float16": lambda: rows(dtype=np.float16),
    "longdouble": lambda: rows(dtype=np.longdouble),
    "big-endian": lambda: rows(dtype=">f4"),
    "int8": lambda: rows(dtype=np.int8),
    "uint64": lambda: rows(dtype=np.uint64) + np.uint64(2**63),
    "bools": lambda: np.ones((24, 6), bool),
    "complex": lambda: rows(dtype=np.complex64),
    "objects": lambda: rows(dtype=object),
    "objects of all sorts": lambda: np.array([1, "a", None, [2]], dtype=object),
    "texts": lambda: rows(dtype=str),
    "bytes as an array": lambda: rows(dtype="S4"),
    "dates": lambda: np.zeros((24, 6), "datetime64[s]"),
    "a structure": lambda: np.zeros(24, [("a", float), ("b", int)]),
    "a matrix": lambda: rows(dtype=np.float32).view(np.matrix),
    "subnormal": lambda: rows(dtype=np.float64) * 5e-324,
    "1e160": lambda: rows(dtype=np.float64) * 1e160,
    "1e300": lambda: rows(dtype=np.float64) * 1e300,
    "1e308 in an array": lambda: np.full((24, 6), 1e308),
    "1e38": lambda: rows(dtype=np.float32) * np.float32(1e36),
    "a view of one number": lambda: np.broadcast_to(1.0, (24, 6)),
    "24 numbers": lambda: np.arange(24.0),
    "24 bools": lambda: np.arange(24) % 2 == 0,
    "24 texts": lambda: np.array(["a", "b"] * 12),
    "bfloat16": lambda: torch.ones(24, 6).bfloat16(),
    "with a gradient": lambda: torch.ones(24, 6, requires_grad=True),
    "on no device": lambda: torch.ones(24, 6, device="meta"),
    "sparse": lambda: torch.eye(24, 6).to_sparse(),
    "a complex tensor": lambda: torch.ones(24, 6, dtype=torch.complex64),
    "a tensor of 3": lambda: torch.tensor(3),
    "24 of bfloat16": lambda: torch.arange(24).bfloat16(),
    "a table": lambda: pd.DataFrame(rows(dtype=np.float32)),
    "a table of all sorts": lambda: pd.DataFrame({"a": range(24), "b": ["x", None] * 12}),
    "a table with two names": lambda: pd.DataFrame(np.ones((24, 2)), columns=["a", "a"]),
    "an empty table": pd.DataFrame,
    "names of two levels": lambda: pd.DataFrame(
        np.ones((24, 2)), columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])
    ),
    "a column": lambda: pd.Series(np.arange(24.0), name=("a", 1)),
    "categories": lambda: pd.Series(pd.Categorical(["a", "b", None] * 8)),
    "intervals": lambda: pd.Series(pd.interval_range(0, 24)),
    "a period": lambda: pd.Series(pd.period_range("2020", periods=24, freq="D")),
    "an image": lambda: PIL.Image.new("L", (4, 4)),
    "an image of 0 pixels": lambda: PIL.Image.new("RGB", (0, 0)),
}
# These hold something that is no number, or cannot be one of float32.
NO_NUMBERS: dict[str, Callable[[], Any]] = {
    "NaN in an array": lambda: np.where(np.eye(24, 6), np.nan, 1.0),
    "infinity in an array": lambda: np.where(np.eye(24, 6), np.inf, 1.0),
    "NaNs": lambda: np.full(6, np.nan),
    "masked": masked,
    "masked, one row": lambda: masked()[0],
    "nullable": lambda: pd.array([1, None, 3, 4, 5, 6], dtype="Int64"),
    "a table of nullable": lambda: (
        pd.DataFrame(rows(dtype=float)).convert_dtypes().mask(np.eye(24, 6, dtype=bool))
    ),
}
OBJECTS: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "an object": object,
    "a class": lambda: dict,
    "a module": lambda: math,
    "Ellipsis": lambda: ...,
    "NotImplemented": lambda: NotImplemented,
    "an exception": lambda: ValueError("x"),
    "a mock": mock.MagicMock,
    "a function": lambda: lambda *_args, **_options: None,
    "a function that raises": lambda: lambda *_a, **_o: operator.truediv(1, 0),
    "a function of its argument": lambda: lambda given: given,
    "a function without arguments": lambda: lambda: 0,
    "a built-in": lambda: len,
    "a module of torch": linear,
    "a path of pathlib": lambda: Path("nowhere", "at all"),
    **{
        f"a trap at {name}": functools.partial(trap, name)
        for name in (
            *("__array__", "__repr__", "__str__", "__len__", "__iter__", "__bool__", "__eq__"),
            *("__hash__", "__index__", "__float__", "__int__", "__call__"),
            *("__getitem__", "__contains__", "__fspath__", "__array_interface__", "__lt__"),
            "__dlpack__",
        )
    },
}


def _same(value: Any) -> Any:
    return value


HOSTILE: dict[str, Callable[[], Any]] = {
    **{name: functools.partial(_same, value) for name, value in {**NUMBERS, **TEXTS}.items()},
    **CONTAINERS,
    **ARRAYS,
    **NO_NUMBERS,
    **OBJECTS,
}
_SORTS = (list(NUMBERS), list(TEXTS), [*CONTAINERS], [*ARRAYS], [*NO_NUMBERS], [*OBJECTS])


def hostile(rng: random.Random) -> Spoiled:
    """Choose a value, of each sort as often."""
    name = rng.choice(rng.choice(_SORTS))
    return Spoiled(HOSTILE[name](), name, name in NO_NUMBERS)


def nearly_right(value: Any, rng: random.Random) -> Spoiled:
    """Change a right value a little; what cannot be changed becomes a hostile one."""
    for kind, ways in _WAYS.items():
        if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
            name = rng.choice(list(ways))
            return Spoiled(ways[name](value, rng), f"{name}", name in _NO_NUMBER_WAYS)
    return hostile(rng)


def _with(array: Any, number: Any, rng: random.Random) -> Any:
    changed = np.array(array)
    if changed.dtype.kind == "f" and changed.size:
        changed.flat[rng.randrange(changed.size)] = number
    return changed


def _masked(array: Any, rng: random.Random) -> Any:
    mask = np.zeros(array.shape, bool)
    mask.flat[rng.randrange(mask.size)] = True
    return np.ma.masked_array(array, mask=mask)


def _replaced(items: Any, rng: random.Random) -> list[Any]:
    listed = list(items)
    if listed:
        listed[rng.randrange(len(listed))] = hostile(rng).value
    return listed


def _other_name(value: Any, rng: random.Random) -> dict[Any, Any]:
    return {**value, rng.choice(["", "x", 3, None, "PC 1 ", LONG]): 1.0}


def _spoiled_entry(value: Any, rng: random.Random) -> dict[Any, Any]:
    if not value:
        return {}
    name = rng.choice(list(value))
    return {**value, name: rng.choice([nearly_right(value[name], rng), hostile(rng)]).value}


Way = Callable[[Any, random.Random], Any]
_NO_NUMBER_WAYS = {"its floats with a NaN", "its floats with infinity", "masked in one place"}
_ARRAY_WAYS: dict[str, Way] = {
    "its floats with a NaN": lambda x, rng: _with(x, np.nan, rng),
    "its floats with infinity": lambda x, rng: _with(x, -np.inf, rng),
    "masked in one place": _masked,
    "masked nowhere": lambda x, _: np.ma.masked_array(x),
    "without the last column": lambda x, _: x[..., :-1],
    "without the last row": lambda x, _: x[:-1],
    "its first row": lambda x, _: x[0],
    "no rows of it": lambda x, _: x[:0],
    "one row of it": lambda x, _: x[:1],
    "with an axis before": lambda x, _: x[np.newaxis],
    "with an axis after": lambda x, _: x[..., np.newaxis],
    "transposed": lambda x, _: x.T,
    "every other row": lambda x, _: x[::2],
    "as a list": lambda x, _: x.tolist(),
    "as a tuple of rows": lambda x, _: tuple(x),
    "as a generator of rows": lambda x, _: iter(x),
    "as objects": lambda x, _: x.astype(object),
    "as texts": lambda x, _: x.astype(str),
    "as complex numbers": lambda x, _: x.astype(complex) if x.dtype.kind in "biuf" else x,
    "in float16": lambda x, _: x.astype(np.float16) if x.dtype.kind in "biuf" else x,
    "in float64": lambda x, _: x.astype(np.float64) if x.dtype.kind in "biuf" else x,
    "as whole numbers": lambda x, _: x.astype(int) if x.dtype.kind in "biuf" else x,
    "as bools": lambda x, _: x.astype(bool),
    "in Fortran's order": lambda x, _: np.asfortranarray(x),
    "read-only": lambda x, _: np.broadcast_to(x, x.shape),
    "as a tensor": lambda x, _: torch.tensor(x) if x.dtype.kind in "biuf" else x,
    "in bfloat16": lambda x, _: torch.tensor(x).bfloat16() if x.dtype.kind in "biuf" else x,
    "times 1e30": lambda x, _: x * np.float64(1e30) if x.dtype.kind == "f" else x,
    "times 1e300": lambda x, _: x * np.float64(1e300) if x.dtype.kind == "f" else x,
    "times 1e-30": lambda x, _: x * np.float64(1e-30) if x.dtype.kind == "f" else x,
    "times 1e-300": lambda x, _: x * np.float64(1e-300) if x.dtype.kind == "f" else x,
    "far from zero": lambda x, _: x + np.float64(1e6) if x.dtype.kind == "f" else x,
    "all the same": lambda x, _: np.broadcast_to(x.flat[0], x.shape),
    "its first row everywhere": lambda x, _: np.broadcast_to(x[0], x.shape),
}
_TEXT_WAYS: dict[str, Way] = {
    "in capitals": lambda x, _: x.upper(),
    "without its last letter": lambda x, _: x[:-1],
    "twice": lambda x, _: x * 2,
    "with a blank": lambda x, _: x + " ",
    "as bytes": lambda x, _: x.encode(),
    "in a list": lambda x, _: [x],
    "as np.str_": lambda x, _: np.str_(x),
    "as an array": lambda x, _: np.array(x),
    "a very long text": lambda x, _: x + LONG,
}
_LIST_WAYS: dict[str, Way] = {
    "without the last": lambda x, _: list(x)[:-1],
    "with one twice": lambda x, _: [*x, *list(x)[:1]],
    "with one replaced": _replaced,
    "with two replaced": lambda x, rng: _replaced(_replaced(x, rng), rng),
    "empty": lambda x, _: [],
    "as a generator": lambda x, _: iter(list(x)),
    "as a dict": lambda x, _: dict(enumerate(x)),
    "in a list": lambda x, _: [x],
    "its first": lambda x, _: next(iter(x), None),
    "many times": lambda x, _: list(x) * 1000,
    "turned round": lambda x, _: list(x)[::-1],
}
_NUMBER_WAYS: dict[str, Way] = {
    "negative": lambda x, _: -x,
    "one more": lambda x, _: x + 1,
    "one less": lambda x, _: x - 1,
    "a bit more": lambda x, _: x + 0.25,
    "as a text": lambda x, _: str(x),
    "in a list": lambda x, _: [x],
    "as an array": lambda x, _: np.array(x),
    "as an array of one": lambda x, _: np.array([x]),
    "as a tensor": lambda x, _: torch.tensor(x),
    "as float32": lambda x, _: np.float32(x),
    "as int64": lambda x, _: np.int64(x),
    "as a complex number": lambda x, _: complex(x),
    "as a fraction": lambda x, _: fractions.Fraction(x),
    "another number": lambda _x, rng: rng.choice(list(NUMBERS.values())),
}
_WAYS: dict[Any, dict[str, Way]] = {
    bool: {"as a number": lambda x, _: int(x), "as a text": lambda x, _: str(x)},
    np.ndarray: _ARRAY_WAYS,
    str: _TEXT_WAYS,
    dict: {
        "without a name": lambda x, _: dict(list(x.items())[1:]),
        "with another name": _other_name,
        "with an entry spoiled": _spoiled_entry,
        "its values": lambda x, _: list(x.values()),
        "its items": lambda x, _: list(x.items()),
        "empty": lambda x, _: {},
        "read-only": lambda x, _: types.MappingProxyType(x),
    },
    (list, tuple, set): _LIST_WAYS,
    (int, float): _NUMBER_WAYS,
}
