"""What a container says of its numbers, that some do not count or have a unit, is not forgotten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import latentwidgets as lw
from latentwidgets.analysis.clustering import k_means
from latentwidgets.routes.projection import project

Z = np.random.default_rng(0).normal(size=(40, 4))
LABELS = Z[:, 0] > 0
PC = lw.pca_directions(Z, 1)[0]
SPACE = lw.as_space(lambda z: z[:, :, None] * np.ones(4), latent_shape=(4,), value_range=(-3, 3))
QUICK: dict[str, Any] = {"shuffles": 0, "bootstraps": 0}
FACTORS = {"x": Z[:, 0], "class": LABELS}
analysis: Any = lw.analysis
INDEX = analysis.LatentIndex(np.random.default_rng(1).normal(size=(1000, 4)))


def held(z: Any) -> Any:
    """Give draws of a space whose data these are."""
    made = lw.as_space(SPACE.decode, latent_shape=(4,), value_range=(0, 255), data=z)
    return made.sample(3)


def mean(outputs: Any) -> Any:
    return np.asarray(outputs, np.float64).reshape(len(outputs), -1).mean(axis=1)


def based(z: Any) -> Any:
    editor = lw.DirectionEditor(SPACE, Z[0], [PC])
    editor.base = z
    return editor.latent


def mapped(z: Any) -> Any:
    pytest.importorskip("jscatter", reason="needs the extra map")
    return lw.LatentMap(None, z, items=list("ab" * 20)).latents


# Each takes latents, and gives numbers.
TAKES: dict[str, Callable[[Any], Any]] = {
    "pca": lambda z: lw.pca_directions(z, 1).matrix,
    "ica": lambda z: lw.ica_directions(z, 1).matrix,
    "sparse pca": lambda z: lw.sparse_pca_directions(z, 1).matrix,
    "axes": lambda z: lw.axis_directions(z).matrix,
    "probe": lambda z: lw.probe_directions(z, LABELS, **QUICK).matrix,
    "difference": lambda z: lw.difference_directions(z, other=Z + 1, **QUICK).matrix,
    "from other": lambda z: lw.difference_directions(Z + 1, other=z, **QUICK).matrix,
    "contrast": lambda z: lw.contrast_directions(z, Z + [1, 0, 0, 0], **QUICK).matrix,
    "weights": lambda z: lw.weight_directions(z).matrix,
    "score": lambda z: lw.score_directions(PC, z, LABELS, shuffles=0)[0].evidence.score,
    "move": lambda z: PC.move(z, 1.0),
    "move by": lambda z: PC.move(Z, z[:, 0] if isinstance(z, np.ndarray) else z.iloc[:, 0]),
    "measure": PC.measure,
    "coordinate": PC.coordinate,
    "project": lambda z: project(z).points,
    "points": lambda z: project(Z, z[:, :2] if isinstance(z, np.ndarray) else z.iloc[:, :2]).points,
    "place": lambda z: project(Z).place(z),
    "k_means": lambda z: k_means(z, 3),
    "Path": lambda z: lw.Path(z)(0.3),
    "slerp": lambda z: lw.slerp(z, Z + 1, 0.5),
    "Retrieval": lambda z: lw.adapters.Retrieval(z, list("ab" * 20)).latents,
    "decode": lambda z: SPACE.decode(z),
    "LatentGrid": lambda z: lw.LatentGrid(SPACE, z).latents,
    "Interpolator": lambda z: lw.Interpolator(SPACE, z).anchors,
    "LatentMap": mapped,
    "explore": lambda z: lw.explore(SPACE, z, parts=["grid"]).parts["grid"].latents,
    "data": held,
    "derivative": lambda z: SPACE.derivative(Z[0], z)[0],
    "clusters": lambda z: analysis.clusters(z, count=2, halves=2).labels,
    "nearest": lambda z: analysis.nearest(z, Z, k=2).distances,
    "nearest among": lambda z: analysis.nearest(Z, z, k=2).distances,
    "search": lambda z: INDEX.search(z, 2)[1],
    "Typicality.fit": lambda z: analysis.Typicality().fit(z).score_samples(Z),
    "Typicality.report": lambda z: analysis.Typicality().fit(Z).report(z).p_values,
    "mig": lambda z: analysis.mig(z, FACTORS, shuffles=0).score,
    "dci": lambda z: analysis.dci(z, FACTORS, shuffles=0).score,
    "sap": lambda z: analysis.sap(z, FACTORS, shuffles=0).score,
    "probe_report": lambda z: analysis.probe_report(z, {"class": LABELS}).probes[0].score,
    "compare_spaces": lambda z: analysis.compare_spaces(z, Z, k=3, paths=0).cka,
    "compared with": lambda z: analysis.compare_spaces(Z, z, k=3, paths=0).cka,
    "leakage": lambda z: (
        analysis.leakage(SPACE, [PC], latents=z, n=8, measures={"PC 1": mean}).effects
    ),
}
# Each takes one latent.
TAKES_ONE: dict[str, Callable[[Any], Any]] = {
    "base": lambda z: lw.DirectionEditor(SPACE, z, [PC]).latent,
    "base that is set": based,
    "derivative at": lambda z: SPACE.derivative(z, Z[:2])[0],
    "anchor": lambda z: lw.lerp(z, Z[0], 0.5),
    "geodesic": lambda z: analysis.geodesic(SPACE, z, Z[0], most_steps=1).path.anchors,
}


# Those that find something out in what they took, rather than refuse, take long here.
LONG = {"clusters", "probe_report"}
BY_NAME = [pytest.param(one, marks=pytest.mark.slow) if one in LONG else one for one in TAKES]


@pytest.mark.parametrize("name", BY_NAME)
def test_masked_numbers_are_refused_and_the_way_out_works(name: str) -> None:
    masked = np.ma.masked_greater(Z, 1e5)
    masked[3] = np.ma.masked
    with pytest.raises(lw.LatentValueError, match=r"row 3 of 40 of the .* is masked"):
        TAKES[name](masked)
    nothing_masked = np.ma.masked_greater(Z, 1e5)
    np.testing.assert_allclose(TAKES[name](nothing_masked), TAKES[name](Z))


def test_the_way_out_leaves_masked_rows_out() -> None:
    x = np.ma.masked_greater(np.concatenate([Z, np.full((5, 4), 1e6)]), 1e5)
    with pytest.raises(lw.LatentValueError, match=r"rows 40, 41, 42, 43, 44 of 45 .* are masked"):
        lw.pca_directions(x)
    with pytest.raises(lw.LatentValueError, match="masked"):
        lw.pca_directions(list(x))
    found = lw.pca_directions(x[~np.ma.getmaskarray(x).any(axis=1)])
    assert found[0].sigma == lw.pca_directions(Z)[0].sigma


@pytest.mark.parametrize("name", BY_NAME)
def test_nullable_columns_are_read_and_what_is_missing_is_refused(name: str) -> None:
    frame = pd.DataFrame({f"z{i}": pd.array(Z[:, i], dtype="Float64") for i in range(4)})
    np.testing.assert_allclose(TAKES[name](frame), TAKES[name](Z))
    frame.iloc[3, 0] = pd.NA
    with pytest.raises(lw.LatentWidgetsError, match=r"NaN or infinity in row 3|1 NaN or infinite"):
        TAKES[name](frame)


def test_columns_of_several_types_of_numbers_are_read_and_texts_are_not() -> None:
    whole = (Z[:, 1] * 10).astype(int)
    columns = {"a": pd.array(whole, dtype="Int64"), "b": Z[:, 0], "c": LABELS, "d": Z[:, 2]}
    frame = pd.DataFrame(columns)
    same = lw.pca_directions(np.stack([whole, Z[:, 0], LABELS, Z[:, 2]], axis=1))
    np.testing.assert_allclose(lw.pca_directions(frame).matrix, same.matrix)
    with pytest.raises(lw.LatentTypeError, match="expected real numbers"):
        lw.pca_directions(frame.assign(d=[f"{x}" for x in Z[:, 2]]))


class Quantity(np.ndarray):
    """An array with a unit, as astropy has it; pint's has `units`."""

    unit: Any = "km"


@pytest.mark.parametrize("name", TAKES)
def test_units_are_refused(name: str) -> None:
    with pytest.raises(lw.LatentTypeError, match=r"in km; expected plain numbers.*x\.value"):
        TAKES[name](Z.view(Quantity))


@pytest.mark.parametrize("name", TAKES_ONE)
def test_one_latent_is_taken_and_refused_alike(name: str) -> None:
    take = TAKES_ONE[name]
    masked = np.ma.masked_array(Z[3], [False, True, False, False])
    with pytest.raises(lw.LatentValueError, match="masked; expected all to count"):
        take(masked)
    with pytest.raises(lw.LatentTypeError, match=r"in km; expected plain numbers"):
        take(Z[3].view(Quantity))
    column = pd.Series(pd.array(Z[3], dtype="Float64"))
    for same in (column, np.ma.masked_array(Z[3])):
        np.testing.assert_array_equal(take(same), take(Z[3]))
    column[1] = pd.NA
    with pytest.raises(lw.LatentWidgetsError, match=r"NaN or infini"):
        take(column)


def test_an_index_takes_and_refuses_the_same() -> None:
    many = np.concatenate([Z] * 25)
    masked = np.ma.masked_array(many)
    found = analysis.LatentIndex(masked).search(Z, 2)[1]
    np.testing.assert_array_equal(found, analysis.LatentIndex(many).search(Z, 2)[1])
    masked[3] = np.ma.masked
    with pytest.raises(lw.LatentValueError, match=r"row 3 of 1000 of the latents is masked"):
        analysis.LatentIndex(masked)
    with pytest.raises(lw.LatentTypeError, match="latents are in km"):
        analysis.LatentIndex(many.view(Quantity))
    table = pd.DataFrame(many).convert_dtypes()
    table.iloc[3, 0] = pd.NA
    with pytest.raises(lw.LatentValueError, match="NaN or infinity in row 3 of 1000"):
        analysis.LatentIndex(table)


def test_no_unit_is_a_unit_too() -> None:
    plain = Z.view(Quantity)
    plain.unit = "dimensionless"
    np.testing.assert_allclose(lw.pca_directions(plain).matrix, lw.pca_directions(Z).matrix)


def test_labels_and_selections() -> None:
    masked = np.ma.masked_array(LABELS, np.arange(40) == 3)
    [found] = lw.probe_directions(Z, masked, **QUICK)
    left = lw.probe_directions(np.delete(Z, 3, axis=0), np.delete(LABELS, 3), **QUICK)[0]
    assert found.evidence.counts == left.evidence.counts
    with pytest.raises(lw.LatentTypeError, match="labels 'label' are in km"):
        lw.probe_directions(Z, Z[:, 0].view(Quantity))
    pytest.importorskip("jscatter", reason="needs the extra map")
    chart = lw.LatentMap(None, Z, items=list(map(str, range(40))))
    for selection in (masked, np.ma.masked_array([1, 2, 3], [False, True, False])):
        with pytest.raises(lw.LatentValueError, match="of the selection is masked"):
            chart.selection = selection
