"""Draw small mutants, a change of an operator, a comparison or a number, from all of mutmut's."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

ORIGINAL = "__mutmut_orig"
OPERATORS = (ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.AugAssign)
LOOPS = (ast.Break, ast.Continue)


def small_mutants(path: Path) -> list[str]:
    """Names of the small mutants of a file; the path counts from the root of the project."""
    code = mutate_file_contents(str(path), path.read_text("utf-8")).code
    functions = {
        node.name: node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)
    }
    return [
        get_mutant_name(path, name)
        for name, function in functions.items()
        if (whole := functions.get(name.rpartition("__mutmut_")[0] + ORIGINAL))
        and whole is not function
        and _is_small(whole, function)
    ]


def draw(names: Iterable[str], count: int, seed: int) -> list[str]:
    """Draw so many names, each by a number of its own: new ones do not change who else is drawn."""
    return sorted(names, key=lambda name: (random.Random(f"{seed} {name}").random(), name))[:count]


def _is_small(whole: ast.FunctionDef, mutated: ast.FunctionDef) -> bool:
    for part in ("args", "body"):
        for was, now in _differences(getattr(whole, part), getattr(mutated, part)):
            if isinstance(was, (*OPERATORS, *LOOPS)):
                return True
            if isinstance(was, ast.UnaryOp):  # `not x` has become `x`
                return not isinstance(now, ast.Constant)
            return isinstance(was, (bool, int, float)) and isinstance(now, (bool, int, float))
    return False


def _differences(was: object, now: object) -> Iterator[tuple[object, object]]:
    """What differs, each from the top down, as far as it can be told apart."""
    if type(was) is not type(now):
        yield was, now
    elif isinstance(was, ast.AST) and isinstance(now, ast.AST):
        for (_, one), (_, other) in zip(ast.iter_fields(was), ast.iter_fields(now), strict=True):
            yield from _differences(one, other)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for one, other in zip(was, now, strict=True):
            yield from _differences(one, other)
    elif was != now:
        yield was, now
