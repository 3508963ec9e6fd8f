"""Wrong arguments of methods that Python itself defines for sequences and classes, in our words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from latentwidgets.adapters import Retrieval

FOUND = lw.Directions(
    lw.Direction(name, vector) for name, vector in zip("xyz", np.eye(3), strict=True)
)
PLAIN = lw.LatentSpace(np.square, 3, kind="curve")
TEXTS = Retrieval(np.eye(3, dtype=np.float32), ["a", "b", "c"])


class Trap:
    """An object that raises what it likes, wherever it is looked into."""

    def __iter__(self) -> Any:
        raise ZeroDivisionError

    def __index__(self) -> int:
        raise ZeroDivisionError

    def __array__(self, *_: Any, **_how: Any) -> Any:
        raise ZeroDivisionError

    def __fspath__(self) -> str:
        raise ZeroDivisionError


def test_directions_are_found_by_themselves_and_by_name() -> None:
    assert [FOUND.index("y"), FOUND.index(FOUND[2]), FOUND.index("z", -1)] == [1, 2, 2]
    assert [FOUND.count("y"), FOUND.count(FOUND[2]), FOUND.count("w")] == [1, 1, 0]
    assert "x" in FOUND
    assert FOUND[0] in FOUND
    assert np.zeros(3) not in FOUND
    assert lw.Directions(FOUND[0]).names == ("x",)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: FOUND.index("w"), "no direction is 'w'. There are 'x', 'y', 'z'."),
        (lambda: FOUND.index("x", 1), "no direction is 'x'"),
        (lambda: FOUND.index(np.zeros(3)), "no direction is array"),
        (lambda: FOUND.index("x", stop=Trap()), "expected whole numbers"),  # type: ignore[arg-type]
        (lambda: FOUND[Trap()], "expected a number, a name or a slice"),  # type: ignore[call-overload]
        (lambda: FOUND + 5, "got 5; expected directions"),  # type: ignore[operator]
        (lambda: lw.Directions(Trap()), "expected directions"),
        (lambda: FOUND.rename(7), "names are 7; expected new names by old ones"),  # type: ignore[arg-type]
        (lambda: FOUND.save(Trap()), "path is a Trap; expected the name of a file"),
        (lambda: lw.axis_directions(PLAIN, each_layer=np.array([np.nan, 1.0])), "each_layer is"),  # type: ignore[arg-type]
        (lambda: PLAIN.decode(np.eye(3), raw=np.ones(2)), "raw is array([1., 1.]); expected True"),  # type: ignore[arg-type]
        (lambda: lw.analysis.compare_paths(PLAIN, np.eye(3), methods=np.ones((2, 2))), "methods hold array([1., 1.])"),  # noqa: E501
        (lambda: lw.control_vector_directions({1: [1.0]}, layers=np.ones((2, 2))), "no layer array([1., 1.])"),  # type: ignore[arg-type]  # noqa: E501
        (lambda: lw.LatentExplorer(Trap()), "embeddings are no array: ZeroDivisionError."),
        (lambda: lw.Directions([], colour=1), "Directions has no option 'colour'"),  # type: ignore[call-arg]
        (lambda: lw.Direction("x", [1.0], sgima=2), "Direction has no option 'sgima'. Did you mean 'sigma'?"),  # type: ignore[call-arg]  # noqa: E501
        (lambda: FOUND[0].replace(sgima=2), "Did you mean 'sigma'?"),  # type: ignore[call-arg]
        (lambda: lw.Evidence(skore=1), "Evidence has no option 'skore'. Did you mean 'score'?"),  # type: ignore[call-arg]
        (lambda: lw.Condition(1, 0, 2, setp=1), "Condition has no option 'setp'. Did you mean 'step'?"),  # type: ignore[call-arg]  # noqa: E501
        (lambda: lw.Direction("x", [1.0], method=object()), "method is <object"),  # type: ignore[arg-type]
        (lambda: lw.Direction("x", [1.0], provenance=np.ones(2)), "expected a mapping, or None"),  # type: ignore[arg-type]
        (lambda: lw.LatentSpace(np.square, 3, name=np.ones(2)), "name is array"),  # type: ignore[arg-type]
        (lambda: Retrieval(np.eye(2), ["a", "b"], matric="cosine"), "Did you mean 'metric'?"),  # type: ignore[call-arg]
        (lambda: FOUND[2**64], "there is no direction 18446744073709551616; expected 0 to 2"),
        (lambda: lw.Directions.load("a", color=1), "has no option 'color'"),  # type: ignore[call-arg]
        (lambda: FOUND[0].measure(np.eye(3), standardized="no"), "standardized is 'no'; expected True or False"),  # type: ignore[arg-type]  # noqa: E501
        (lambda: lw.Path(np.eye(3), closed="no"), "closed is 'no'; expected True or False"),  # type: ignore[arg-type]
        (lambda: lw.Condition(choices=range(3)).check(10**5000), "expected a choice, by its"),
        (lambda: lw.Condition(1, 0, 2).words(5, 1), "name is 5; expected a text"),  # type: ignore[arg-type]
        (lambda: lw.Evidence(auc=10**5000), "auc is <int>; expected a finite number"),
        (lambda: lw.Direction("x", [1.0], sigma=Trap()), "sigma of 'x' is <"),  # type: ignore[arg-type]
        (lambda: lw.Direction("x", [1.0], limits=Trap()), "limits of 'x' are <"),  # type: ignore[arg-type]
        (lambda: lw.axis_directions(np.eye(3), axes=Trap()), "expected whole numbers"),
        (lambda: lw.contrast_directions(np.eye(3), np.eye(3), method=np.ones(2)), "method is array([1., 1.]); expected one of"),  # type: ignore[arg-type]  # noqa: E501
        (lambda: lw.probe_directions(np.eye(3), [0, 1, 0], move="patern"), "mean 'pattern'?"),
        (lambda: lw.sparse_pca_directions(np.eye(3), alpha=np.ones(2)), "alpha is array([1., 1.]); expected a number"),  # type: ignore[arg-type]  # noqa: E501
        (lambda: lw.axis_directions(PLAIN, at=np.ma.masked_equal([1.0, 2, 3], 2)), "is masked"),
        (lambda: lw.Path(np.eye(3)).nearest(np.ones((1,) * 41 + (3,))), "latent has shape (1, 1"),
        (lambda: lw.weight_directions(torch.ones(2, 3, device="meta")), "weights cannot be read"),
        (lambda: lw.ica_directions(np.eye(3) * 1e-300), "all 3 latents are the same"),
        (lambda: lw.pca_directions(np.eye(3) * 1e-300), "all 3 latents are the same"),
        (lambda: lw.measure_effects(PLAIN, FOUND, lambda given: given / "a"), "measure failed"),
        (lambda: Retrieval(np.eye(3), np.arange(3)), "items have shape ()"),
        (lambda: Retrieval(np.eye(3), list), "items are a type"),
        (lambda: lw.LatentMap(None, np.eye(3), items=list), "items are a type"),
        (lambda: setattr(lw.LatentGrid(PLAIN, np.eye(3)), "selection", list), "selection"),
        (lambda: TEXTS.encode(5), "items are 5; expected a list of texts"),  # type: ignore[arg-type]
        (lambda: TEXTS.encode([["a"]]), "['a'] is none of the 3 items"),  # type: ignore[list-item]
        (lambda: TEXTS.sample(5, 1), "rng is 5; expected a generator"),  # type: ignore[arg-type]
        (lambda: TEXTS.sample(np.random.default_rng(0), 2**62), "expected at most"),
        (lambda: lw.LatentSpace(np.square, 3).sample(2**62), "expected at most"),
        (
            lambda: lw.LatentSpace(np.square, 3, prior=lambda n: np.zeros((n, 3))),  # type: ignore[arg-type,misc]
            "prior takes (n); it is called as prior(rng, n)",
        ),
        (
            lambda: lw.LatentSpace(np.square, 3, prior=lambda rng, n: rng.normals(n)).sample(2),  # type: ignore[attr-defined]
            "prior failed: AttributeError: 'numpy.random._generator.Generator' object has no attribute 'normals'",  # noqa: E501
        ),
        (lambda: lw.LatentSpace(np.square, 3).decode(np.ones((1, 3)), np.ones(2)), "expected values by name"),  # type: ignore[arg-type]  # noqa: E501
        (lambda: lw.probe_directions(np.eye(4), [0, 1, 0, 1], kind=np.ones(2)), "expected one of 'binary'"),  # type: ignore[arg-type]  # noqa: E501
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=re.escape(words)):
        call()


def test_what_an_argument_raises_in_our_words_is_passed_on() -> None:
    zero = np.zeros(3)
    with pytest.raises(lw.LatentValueError, match="is zero: it points nowhere"):
        lw.Directions(lw.Direction(name, zero) for name in "ab")


def test_a_direction_that_is_not_there_is_an_index_error() -> None:
    with pytest.raises(IndexError, match="there is no direction 3; expected 0 to 2"):
        FOUND[3]


def test_a_name_of_numpy_is_a_plain_text() -> None:
    named = lw.Direction(np.str_("x"), [1.0], method=np.str_("given"))
    assert (type(named.name), type(named.method)) == (str, str)


def test_long_names_are_cut_where_they_are_shown() -> None:
    long = "x" * 10**6
    shown = [lw.Direction(long, [1.0]), lw.Evidence(score_name=long, score=1.0)]
    shown += [lw.LatentSpace(np.square, 3, name=long), lw.Directions(lw.Direction(long, [1.0]))]
    assert max(len(repr(one)) for one in shown) < 400


def test_latents_of_a_derivative_may_be_of_any_kind_of_number() -> None:
    torch = pytest.importorskip("torch")
    space = lw.LatentSpace(np.square, 1)
    with pytest.raises(lw.LatentTypeError, match=r"tensor\.detach\(\)\.cpu\(\)\.float\(\)"):
        space.derivative(torch.ones(1, dtype=torch.bfloat16), [[1.0]])
    with pytest.raises(lw.LatentValueError, match="masked"):
        space.derivative(np.ma.masked_array([1.0], [True]), [[1.0]])


def test_a_kind_has_no_other_options() -> None:
    with pytest.raises(lw.LatentTypeError, match="register_kind has no option 'latnets'"):
        lw.register_kind("mine", bytes, latnets=1)  # type: ignore[call-arg]
