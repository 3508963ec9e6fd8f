"""`axis_directions`: the axes of the latent themselves, one direction each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.attributes import has
from latentwidgets.common.checks import check_flag, check_seed, check_whole, real_array
from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.progress import progress
from latentwidgets.common.wording import brief
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.samples import Data, fingerprint
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.inputs import one_latent, one_or_several

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["MOST_SHOWN", "axes_around", "axis_directions"]

# Samples of the prior that say how far latents spread, and axes whose effect is measured at a time.
SAMPLES, BATCH = 512, 32
# Of more axes than this not each is made, or measured, unless somebody says which.
MOST_AXES = 2048
# A widget that is given no directions shows so many at most.
MOST_SHOWN = 64


@checked_keywords
def axis_directions(
    space_or_latents: Any,
    n: int | None = None,
    *,
    axes: Iterable[int] | None = None,
    at: ArrayLike | None = None,
    latents: ArrayLike | None = None,
    each_layer: bool = False,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Directions:
    """Make a direction of each axis of the latent, to see what dimension 3 does.

    Parameters
    ----------
    space_or_latents : LatentSpace, object or array_like
        The space, or anything that `as_space` takes; or latents, ``(m, *latent_shape)``.
    n : int, optional
        How many. The axes that change the output most are chosen, largest change first: the root
        mean square difference between the outputs at +1 and -1 sigma. All, in order, if None.
    axes : iterable of int, optional
        Which axes to look at, counted from 0 through the flat latent; with layers through that of
        one layer, unless each layer has its own. All if None.
    at : array_like, shape latent_shape, optional
        Where `n` is measured. The mean of the data if None.
    latents : array_like, optional
        ``(m, *latent_shape)``: data to take sigma and limits from. Samples of the space's prior
        if None.
    each_layer : bool
        Where the space has layers, whether there is a direction for each axis at each layer. If
        not, there is one for each axis of a layer, which acts on all layers, or by its profile.
    conditions : mapping of str to value, optional
        Under which the output is looked at where `n` is given, one value each. Those that are left
        out have their default.
    seed : int
        For the samples of the prior.

    Returns
    -------
    Directions
        "axis 0", "axis 1" and so on; "axis 2, 0, 5" in latents of several axes; "mid, axis 3" of a
        layer "mid", or just "mid" where its latents are one number. Axes along which the data do
        not vary are left out.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or there are more than 2048 axes to look at.
    DecodeError
        If the decoder raises.

    Examples
    --------
    >>> from latentwidgets import LatentSpace
    >>> space = LatentSpace(lambda latents: latents[:, :, None] * [[1.0], [50.0]], 2)
    >>> axis_directions(space).names, axis_directions(space, 1).names
    (('axis 0', 'axis 1'), ('axis 1',))
    """
    space, data = _space_and_data(space_or_latents, latents, seed)
    if space is None and any(given is not None for given in (n, at, conditions)):
        raise LatentValueError(
            "n, at and conditions ask what axes change of the output; expected a space that "
            "decodes. Pass the space, and the latents as latents=..."
        )
    under = None if space is None else space.conditions.settled(conditions)
    point = data.mean
    if space is not None and at is not None:  # checked where it is not looked at, too
        point = one_latent(space, at, "at", conditions=under)
    shape = data.latent_shape
    layers = space.layers if space is not None else ()
    each_layer = check_flag(each_layer, "each_layer")
    spread = bool(layers) and not each_layer
    within = shape[1:] if spread else shape
    chosen = _varying(_chosen(axes, math.prod(within)), data, copies=shape[0] if spread else 1)
    if n is not None and check_whole(n, "n", least=1) < len(chosen):
        assert space is not None
        where = point.reshape(shape).astype(np.float32)
        effects = _effects(space, where, data, chosen, under, spread=spread)
        chosen = chosen[np.argsort(-effects, kind="stable")[:n]]
    about = data.provenance(
        "axes",
        n=n,
        at=None if at is None else fingerprint(at),
        each_layer=each_layer,
        conditions=under,
        seed=seed,
    )
    return Directions(
        data.direction(
            _name(int(axis), within, () if spread else layers),
            _vectors([axis], shape, spread=spread)[0].ravel(),
            method="axis",
            evidence=Evidence(),
            provenance=about,
        )
        for axis in chosen
    )


def axes_around(
    space: LatentSpace, base: Any, conditions: Mapping[str, Any] | None = None
) -> Directions:
    """Give the axes that a widget shows where it is given no directions.

    Parameters
    ----------
    space : LatentSpace
        The space.
    base : array_like
        One latent or several, or images; the first says where effects are measured.
    conditions : mapping of str to value, optional
        Those that the widget shows.

    Returns
    -------
    Directions
        All axes; of more than 64, those that change the output most.
    """
    if math.prod(space.latent_shape[1:] if space.layers else space.latent_shape) <= MOST_SHOWN:
        return axis_directions(space)
    bases = one_or_several(space, base, "base", conditions=conditions)
    at = bases.reshape(-1, *space.latent_shape)[0]
    return axis_directions(space, MOST_SHOWN, at=at, conditions=conditions)


def _space_and_data(given: Any, latents: Any, seed: int) -> tuple[LatentSpace | None, Data]:
    """Tell a space from latents, and say what sigma is taken from."""
    seed = check_seed(seed)
    rows = isinstance(given, (list, tuple)) and not has(given, "space")
    if rows or (has(given, "__array__") and not callable(given)):
        if latents is not None:
            raise LatentValueError("latents came twice; pass a space, or latents alone.")
        return None, Data(given)
    space = as_space(given)
    data = Data(space.sample(SAMPLES, seed=seed) if latents is None else latents)
    if data.latent_shape != space.latent_shape:
        raise LatentValueError(
            f"latents have shape {data.latent_shape}; this space's have {space.latent_shape}."
        )
    return space, data


def _chosen(axes: Iterable[int] | None, size: int) -> NDArray[np.intp]:
    """Check which axes to look at."""
    if axes is None:
        if size > MOST_AXES:
            raise LatentValueError(
                f"the latent has {size:,} axes, too many to look along each. Pass some, such as "
                "axes=range(64), or look for directions: pca_directions(latents, 20)."
            )
        return np.arange(size)
    given = real_array(check_items(axes, "axes are", "whole numbers"), "axes")
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise LatentTypeError(f"axes are {brief(axes)}; expected whole numbers.")
    if given.min() < 0 or given.max() >= size:
        raise LatentValueError(
            f"axes reach from {given.min()} to {given.max()}; expected 0 to {size - 1}."
        )
    return np.array(list(dict.fromkeys(given.tolist())))


def _varying(chosen: NDArray[np.intp], data: Data, *, copies: int) -> NDArray[np.intp]:
    """Leave out axes along which the data do not vary."""
    along = data.rows.reshape(len(data), copies, -1).sum(axis=1)[:, chosen]
    kept: NDArray[np.intp] = chosen[np.ptp(along, axis=0) > 0]
    if not len(kept):
        raise LatentValueError("the latents do not vary along any of these axes.")
    return kept


def _vectors(
    axes: Iterable[int] | NDArray[np.intp], shape: tuple[int, ...], *, spread: bool
) -> NDArray[np.float32]:
    """Give the unit vectors of axes, or of axes of a layer at all layers."""
    numbers = np.asarray(axes)
    layers = shape[0] if spread else 1
    vectors = np.zeros((len(numbers), layers, math.prod(shape) // layers), np.float32)
    vectors[np.arange(len(numbers)), :, numbers] = 1 / math.sqrt(layers)
    return vectors.reshape(-1, *shape)


def _effects(
    space: LatentSpace,
    point: NDArray[np.float32],
    data: Data,
    axes: NDArray[np.intp],
    conditions: Mapping[str, Any] | None,
    *,
    spread: bool,
) -> NDArray[np.float64]:
    """Say how much the output changes along each axis, from -1 to +1 sigma."""
    found: list[float] = []
    for start in progress(range(0, len(axes), BATCH), "axes"):
        vectors = _vectors(axes[start : start + BATCH], data.latent_shape, spread=spread)
        sigmas = (data.rows @ vectors.reshape(len(vectors), -1).T).std(axis=0)
        steps = vectors * sigmas.astype(np.float32).reshape(-1, *(1,) * point.ndim)
        decoded = space.decode(np.concatenate([point + steps, point - steps]), conditions)
        found += [
            _difference(ahead, behind)
            for ahead, behind in zip(decoded[: len(steps)], decoded[len(steps) :], strict=True)
        ]
    return np.array(found)


def _difference(ahead: Any, behind: Any) -> float:
    """Say how much two outputs differ: of arrays the root mean square, else whether they do."""
    if not isinstance(ahead, np.ndarray):
        return float(ahead != behind)
    if ahead.shape != behind.shape:
        return math.inf
    return float(np.sqrt(np.mean(np.square(ahead.astype(np.float64) - behind))))


def _name(axis: int, shape: tuple[int, ...], layers: tuple[str, ...]) -> str:
    """Call an axis by where it is in the latent."""
    where = [int(i) for i in np.unravel_index(axis, shape)]
    layer = f"{layers[where.pop(0)]}, " if layers else ""
    if layers and math.prod(shape[1:]) == 1:
        return layer.removesuffix(", ")
    return f"{layer}axis {', '.join(map(str, where))}"
