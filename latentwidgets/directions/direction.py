"""`Direction`: a vector to move along, a readout to measure with, and what is known of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from typing_extensions import Unpack

from latentwidgets.common.checks import (
    amounts_in,
    check_finite,
    check_flag,
    check_sizes,
    check_text,
    real_array,
)
from latentwidgets.common.frozen_dict import frozen
from latentwidgets.common.items import check_ordered
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief, repeating, short
from latentwidgets.directions.checks import check_alike, check_number, check_vector
from latentwidgets.directions.evidence import Evidence, score_text, turned
from latentwidgets.directions.layered import may_be_a_layer, on_layers
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.latents import repeated

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Direction", "DirectionOptions"]

# How far a slider goes, in sigmas, where nothing is known about the data.
USUAL_LIMITS = (-3.0, 3.0)


class DirectionOptions(TypedDict, total=False):
    """What `Direction` takes and checks, so that type checkers see a misspelling in `replace`."""

    name: Any
    vector: Any
    readout: Any
    offset: Any
    sigma: Any
    mean: Any
    limits: Any
    readout_mean: Any
    readout_sigma: Any
    method: Any
    evidence: Any
    provenance: Any


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Direction:
    """A direction in latent space. It never changes; `replace` makes another.

    Moving and measuring are two things. Where the numbers of latents are correlated, or some hardly
    vary, the weights that measure an attribute best point elsewhere than the data go as the
    attribute changes (Haufe et al. 2014, NeuroImage 87). So a probe has two vectors: one to move
    along, and a readout to measure with. Those of a principal component are the same.

    Parameters
    ----------
    name : str
        What to call it.
    vector : array_like, shape latent_shape
        What to move along. It is scaled to norm 1.
    readout : array_like, shape latent_shape, optional
        Weights to measure with. `vector` if None.
    offset : float
        What is added to the weighted sum of a latent.
    sigma : float
        The unit of every amount, above 0: the standard deviation of the data along `vector`. Of a
        direction that `Directions.conditioned_on` made of another, how far it goes while the other
        goes one sigma.
    mean : array_like, shape latent_shape, optional
        Mean of the data. Zero if None.
    limits : tuple of float
        The 0.5 and 99.5 percentiles of the data along `vector`, in sigmas from the mean; of a
        contrast 3 sigmas at least, since its pairs lie close together. Of a direction that
        `Directions.conditioned_on` made of another, those of the other: how far it is worth
        moving, not where the data lie.
    readout_mean, readout_sigma : float
        Mean and standard deviation of `measure` over the data.
    method : str
        How it was found.
    evidence : Evidence
        How far to believe it.
    provenance : mapping of str to object
        Parameters, seed, fingerprint of the data, version of this package: only what JSON can
        hold. A read-only copy is kept.

    Raises
    ------
    LatentTypeError, LatentValueError
        If one of these cannot be used.

    Examples
    --------
    >>> smile = Direction("smile", [3.0, 4.0], sigma=2.0)
    >>> smile.vector.tolist()
    [0.6, 0.8]
    >>> smile.move([[0.0, 0.0]], 1.5)
    array([[1.8, 2.4]], dtype=float32)
    """

    name: str
    vector: NDArray[np.float64]
    readout: NDArray[np.float64]
    offset: float
    sigma: float
    mean: NDArray[np.float64]
    limits: tuple[float, float]
    readout_mean: float
    readout_sigma: float
    method: str
    evidence: Evidence
    provenance: Mapping[str, Any]

    @checked_keywords
    def __init__(
        self,
        name: str,
        vector: ArrayLike,
        *,
        readout: ArrayLike | None = None,
        offset: float = 0.0,
        sigma: float = 1.0,
        mean: ArrayLike | None = None,
        limits: tuple[float, float] = USUAL_LIMITS,
        readout_mean: float = 0.0,
        readout_sigma: float = 1.0,
        method: str = "given",
        evidence: Evidence | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> None:
        name, method = check_text(name, "name"), check_text(method, "method")
        if provenance is not None and not isinstance(provenance, Mapping):
            raise LatentTypeError(
                f"provenance is {brief(provenance)}; expected a mapping, or None."
            )
        of = f"of {brief(name)}"
        unit = check_vector(vector, f"the vector {of}")
        peak = float(np.abs(unit).max(initial=0.0))
        if abs(np.linalg.norm(unit / (peak or 1.0)) * peak - 1) > 1e-15 and peak:
            unit = unit / peak  # the squares of very large numbers would overflow
        norm = float(np.linalg.norm(unit))
        if norm == 0:
            raise LatentValueError(
                f"the vector {of} is zero: it points nowhere. Leave the direction out."
            )
        # A vector of norm 1 up to rounding is kept bit for bit, so that copies are equal.
        unit = unit if abs(norm - 1) < 1e-15 else unit / norm
        arrays = {
            "vector": unit,
            "readout": unit if readout is None else check_alike(readout, "readout", name, unit),
            "mean": np.zeros_like(unit) if mean is None else check_alike(mean, "mean", name, unit),
        }
        for array in arrays.values():
            array.setflags(write=False)
        given = {"offset": offset, "sigma": sigma}
        given |= {"readout_mean": readout_mean, "readout_sigma": readout_sigma}
        numbers = {what: check_number(value, what, name) for what, value in given.items()}
        for what in ("sigma", "readout_sigma"):
            if numbers[what] <= 0:
                raise LatentValueError(f"{what} {of} is {numbers[what]:g}; expected more than 0.")
        ends = check_ordered(limits, f"limits {of} are", "two numbers")
        if len(ends) != 2:
            raise LatentValueError(f"limits {of} are {brief(limits)}; expected two numbers.")
        low, high = (check_number(limit, "limits", name) for limit in ends)
        if not low < high:
            raise LatentValueError(f"limits {of} are {(low, high)}; expected the lower one first.")
        if evidence is not None and not isinstance(evidence, Evidence):
            raise LatentTypeError(f"evidence is {brief(evidence)}; expected an Evidence, or None.")
        vars(self).update(name=name, limits=(low, high), method=method, **arrays, **numbers)
        vars(self).update(evidence=evidence or Evidence(), provenance=frozen(provenance or {}))

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """Shape of the latents that it moves."""
        return self.vector.shape

    def move(self, latents: ArrayLike, amount: ArrayLike) -> NDArray[np.float32]:
        """Move latents along the direction.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``.
        amount : array_like
            How far, in sigmas: one number, or one for each latent.

        Returns
        -------
        ndarray
            float32 ``(n, *latent_shape)``.

        Raises
        ------
        LatentTypeError, LatentValueError
            If latents are of another shape, not real or not finite, there are not as many amounts,
            or they lead to latents that float32 cannot hold.
        """
        points = self._latents(latents)
        amounts = amounts_in(amount).astype(np.float64)
        if amounts.shape not in ((1,), (len(points),)):
            raise LatentValueError(
                f"amounts have shape {amounts.shape}; expected one number, or one for each of the "
                f"{len(points)} latents."
            )
        with np.errstate(over="ignore", invalid="ignore"):
            steps = np.broadcast_to(amounts, len(points)) * self.sigma
            far = points + steps.reshape(-1, *(1,) * self.vector.ndim) * self.vector
            moved = far.astype(np.float32)
        if not np.isfinite(moved).all():
            raise LatentValueError(
                f"amounts reach from {amounts.min():g} to {amounts.max():g} sigmas of "
                f"{self.sigma:.3g}; that leads to latents that float32 cannot hold. Move less far."
            )
        return moved

    def coordinate(self, latents: ArrayLike) -> NDArray[np.float64]:
        """Say how far latents lie along the direction.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``.

        Returns
        -------
        ndarray
            Sigmas from the mean of the data, float64 ``(n,)``. The sigma of a direction that
            `Directions.conditioned_on` made is not the standard deviation of the data along it:
            there, latents may lie many sigmas out.

        Raises
        ------
        LatentTypeError, LatentValueError
            If latents are of another shape, not real, or not finite.
        """
        along = self._along(self._latents(latents) - self.mean, self.vector)
        return along / self.sigma

    def measure(self, latents: ArrayLike, *, standardized: bool = False) -> NDArray[np.float64]:
        """Measure latents with the readout.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``.
        standardized : bool
            Whether to give standard deviations from the mean of the data, in place of the
            readout's own units: log odds of a binary label, the label's units of any other.

        Returns
        -------
        ndarray
            float64 ``(n,)``.

        Raises
        ------
        LatentTypeError, LatentValueError
            If latents are of another shape, not real, or not finite.

        Examples
        --------
        >>> Direction("age", [1.0, 0.0], readout=[2.0, 0.0], offset=1.0).measure([[3.0, 9.0]])
        array([7.])
        """
        measured = self._along(self._latents(latents), self.readout)
        measured = measured + self.offset
        if check_flag(standardized, "standardized"):
            return (measured - self.readout_mean) / self.readout_sigma
        return measured

    def replace(self, **changes: Unpack[DirectionOptions]) -> Direction:
        """Make a direction like this one, with some of its parameters changed.

        Examples
        --------
        >>> Direction("PC 1", [1.0, 0.0]).replace(name="smile").name
        'smile'
        """
        return replace(self, **changes)

    def flipped(self) -> Direction:
        """Make the direction that moves and measures the other way round."""
        low, high = self.limits
        return self.replace(
            vector=-self.vector,
            readout=-self.readout,
            offset=-self.offset,
            readout_mean=-self.readout_mean,
            limits=(-high, -low),
            evidence=turned(self.evidence),
        )

    def on_layers(self, latent_shape: tuple[int, ...], profile: Any = None) -> Direction:
        """Make it act on latents of several layers, on all of them or by a profile.

        One of a single layer's shape is spread: one sigma moves every layer by what was one sigma,
        and what it measures is the mean over the layers. Its evidence stays what it is, that of
        one layer's latents. Of one that has a vector for each layer only the profile is applied;
        its stability and effect, and a share of variance, are of the whole vector and are left out.

        Parameters
        ----------
        latent_shape : tuple of int
            Shape of the latents, ``(layers, ...)``.
        profile : array_like or range, optional
            How strongly it acts at each layer, from 0 to 1; or a range of the layers at which it
            acts. At all, as it is, if None.

        Returns
        -------
        Direction
            Of `latent_shape`.

        Raises
        ------
        LatentTypeError, LatentValueError
            If it does not fit such latents, or acts at no layer.

        References
        ----------
        Härkönen et al. 2020, "GANSpace" (arXiv 2004.02546): components of W, at some layers of W+.

        Examples
        --------
        >>> age = Direction("age", [3.0, 4.0], sigma=2.5).on_layers((3, 2), range(1, 3))
        >>> age.move([[[0, 0], [0, 0], [0, 0]]], 1).tolist()
        [[[0.0, 0.0], [1.5, 2.0], [1.5, 2.0]]]
        """
        made: Direction = on_layers(self, check_sizes(latent_shape, "latent_shape"), profile)
        return made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Direction):
            return NotImplemented
        same = (np.array_equal(a, b) for a, b in zip(self._arrays(), other._arrays(), strict=True))
        return self._rest() == other._rest() and all(same)

    def __hash__(self) -> int:
        # Adding 0.0 turns -0.0 into 0.0: the two are equal, but their bytes are not.
        return hash((self.name, self.method, (self.vector + 0.0).tobytes()))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        for array in self._arrays():
            array.setflags(write=False)  # an array that was copied or pickled can be written again

    def __repr__(self) -> str:
        score = "" if self.evidence.score is None else f", {score_text(self.evidence)}"
        return f"Direction({brief(self.name)}, {short(self.method)}, sigma={self.sigma:.3g}{score})"

    def _arrays(self) -> tuple[NDArray[np.float64], ...]:
        return self.vector, self.readout, self.mean

    def _rest(self) -> tuple[object, ...]:
        numbers = (self.offset, self.sigma, self.limits, self.readout_mean, self.readout_sigma)
        return (self.name, self.method, self.evidence, self.provenance, *numbers)

    def _latents(self, latents: ArrayLike) -> NDArray[np.float64]:
        points = real_array(latents, "latents").astype(np.float64)
        check_finite(points, "latents")
        if points.shape[1:] != self.latent_shape:
            mine = ", ".join(map(str, self.latent_shape))
            way = f"Reshape them: latents.reshape(-1, {mine})."
            if points.shape == self.latent_shape:
                way = "For one pass latents[None]."
            elif may_be_a_layer(self.latent_shape, points.shape[1:]):
                way = (
                    f"If these are {points.shape[1]} layers of such latents, broadcast it over "
                    f"them: direction.on_layers({points.shape[1:]})."
                )
            elif line := repeating("vector", self.latent_shape, points.shape[1:]):
                way = f"Make it one of such latents.{line}"
            elif line := repeated(points.shape, self.latent_shape, "latents"):
                way = f"Pass latents of that shape.{line}"
            elif points.size % self.vector.size:
                way = "Pass latents of the space that it was found in."
            raise LatentValueError(
                f"latents have shape {points.shape}; {brief(self.name)} takes (n, {mine}). {way}"
            )
        return points

    def _along(
        self, points: NDArray[np.float64], vector: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return points.reshape(len(points), -1) @ vector.ravel()
