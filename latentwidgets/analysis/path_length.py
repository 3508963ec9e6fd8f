"""`perceptual_path_length`: how much the output changes along steps between random latents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.intervals import bootstrap_interval
from latentwidgets.analysis.results import TableResult
from latentwidgets.analysis.tables import Table, number, plain_data
from latentwidgets.common.checks import check_one_of, check_positive, check_seed, check_whole
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.progress import progress
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.routes.distances import distance_of
from latentwidgets.routes.path import Path
from latentwidgets.routes.speeds import changes_of, finite_numbers, spread_of
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["PerceptualPathLength", "perceptual_path_length"]

# So many pairs are decoded at a time, so that outputs of large pictures fit in memory.
BLOCK = 16


@dataclass(frozen=True, repr=False)
class PerceptualPathLength(TableResult):
    """How much the output changes along small steps. What `perceptual_path_length` returns.

    Attributes
    ----------
    mean : float
        The perceptual path length: the mean of the squared speeds that were kept.
    interval : tuple of float
        Where 95 % of bootstrap samples of the pairs have it.
    values : tuple of float
        The squared speed of every pair, trimmed or not.
    kept : int
        How many pairs were kept.
    distance, method, mode : str
        How outputs were compared, what joined latents, and where along the way.
    epsilon : float or None
        The step; None for the derivative.
    """

    mean: float
    interval: tuple[float, float]
    values: tuple[float, ...]
    kept: int
    distance: str
    method: str
    mode: str
    epsilon: float | None

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        return dict(plain_data(self))

    def plot(self) -> Figure:
        """Draw a histogram of the squared speeds, with their mean.

        Returns
        -------
        matplotlib.figure.Figure
            Closed, so that a notebook shows it once.
        """
        import matplotlib.pyplot as plt
        from matplotlib.ticker import MaxNLocator

        figure, axes = plt.subplots(figsize=(5, 2.8), layout="constrained")
        axes.hist(self.values, bins="auto")
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.axvline(self.mean, color="tab:red")
        axes.axvspan(*self.interval, color="tab:red", alpha=0.15, linewidth=0)
        name = self.distance.replace("$", r"\$")
        axes.set(xlabel=f"squared speed, {name}", ylabel="pairs")
        axes.set_title("red: the mean, and its 95 % interval", fontsize="small", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    def _table(self) -> Table:
        step = "derivative" if self.epsilon is None else f"epsilon {self.epsilon:g}"
        row = [
            number(self.mean, 3),
            "{} to {}".format(*(number(one, 3) for one in self.interval)),
            f"{self.kept:,} of {len(self.values):,}",
        ]
        note = f"{self.distance}; {self.method}, {self.mode}, {step}."
        return Table(["perceptual path length", "95 %", "pairs"], [row], texts=0, notes=[note])


@checked_keywords
def perceptual_path_length(
    space: Any,
    distance: Any = "l2",
    *,
    method: str = "lerp",
    mode: str = "full",
    epsilon: float | None = None,
    trim: tuple[float, float] | None = (0.01, 0.99),
    features: Any = None,
    n: int = 500,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> PerceptualPathLength:
    """Measure how much the output changes along small steps between samples of the prior.

    Parameters
    ----------
    space, conditions
        As `smoothness` takes them.
    distance, features
        How outputs are compared, as `smoothness` takes them. What is averaged is the square of the
        speed: of "ssim" and "lpips" the squares of roots, so 1 - SSIM and LPIPS themselves.
    method : {"lerp", "slerp"}
        What joins two samples: as `Path` does.
    mode : {"full", "end"}
        Where along the way: anywhere, or at the start.
    epsilon : float, optional
        The step of a finite difference, of which the squared distance is divided by the square. If
        None, its limit for ever smaller steps, by the derivative.
    trim : tuple of float or None
        The quantiles of the values outside of which pairs are left out.
    n : int
        How many pairs: rows i and n + i of ``space.sample(2 * n, seed=seed)``.
    seed : int
        For the samples, and for where along the way.

    Returns
    -------
    PerceptualPathLength
        The mean and its interval. It is in the units of the outputs and of the prior: compare it
        between models only where both are the same.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or the distance returns NaN.
    DecodeError
        If the decoder raises.

    Notes
    -----
    StyleGAN takes LPIPS (with VGG) of the middle of faces, reduced to 256 pixels, and a finite
    difference in place of the derivative; its slerp scales both ends, and what is between, to norm
    1, where ours keeps norms. torch-fidelity and torchmetrics reduce to 64 pixels, take steps of
    1e-4, and only at the start ("end"). Quantiles are those of StyleGAN and torch-fidelity: the
    lower neighbour of the lower one, the upper neighbour of the upper one. torchmetrics takes the
    lower neighbour of both. So numbers of these programs are not to be compared with ours.

    References
    ----------
    Karras et al. 2019, "A style-based generator architecture for generative adversarial networks"
    (arXiv 1812.04948).

    Examples
    --------
    >>> from latentwidgets import LatentSpace
    >>> space = LatentSpace(lambda z: 3 * z, 4, kind="curve")
    >>> found = perceptual_path_length(space, n=400)
    >>> found.interval[0] < 2 * 4 * 3**2 < found.interval[1]
    True
    """
    space = as_space(space)
    check_one_of(method, "method", ("lerp", "slerp"))
    check_one_of(mode, "mode", ("full", "end"))
    step = None if epsilon is None else check_positive(epsilon, "epsilon")
    if step is not None and step > 1:
        raise LatentValueError(f"epsilon is {brief(epsilon)}; expected at most 1, the whole way.")
    quantiles = _checked_trim(trim)
    n, seed = check_whole(n, "n", least=2), check_seed(seed)
    how = distance_of(space, distance, features, conditions)
    under = space.conditions.settled(conditions)
    samples = space.sample(2 * n, seed=seed)
    rng = np.random.default_rng(seed)
    t = rng.uniform(0, 1, n) if mode == "full" else np.zeros(n)
    paths = [
        Path(np.stack(pair).astype(np.float64), method)
        for pair in zip(samples[:n], samples[n:], strict=True)
    ]
    scale = spread_of(samples)
    values = []
    for start in progress(range(0, n, BLOCK), "pairs"):
        some = range(start, min(start + BLOCK, n))
        latents = space.check(np.stack([paths[i](t[i]) for i in some]))
        outputs = finite_numbers(space, latents, under)
        if step is None:
            velocities = np.stack([paths[i].velocity(t[i]) for i in some])
            changes = changes_of(space, latents, velocities, scale, under)
            values.append(how.speeds(outputs, changes) ** 2)
        else:
            ahead = space.check(np.stack([paths[i](t[i] + step) for i in some]))
            values.append((how.between(outputs, finite_numbers(space, ahead, under)) / step) ** 2)
    found = np.concatenate(values)
    return PerceptualPathLength(
        mean=float(_trimmed(found, quantiles).mean()),
        interval=bootstrap_interval(
            found, lambda some: float(_trimmed(some, quantiles).mean()), seed
        ),
        values=tuple(map(float, found)),
        kept=len(_trimmed(found, quantiles)),
        distance=how.name,
        method=method,
        mode=mode,
        epsilon=step,
    )


def _trimmed(values: NDArray[Any], trim: tuple[float, float] | None) -> NDArray[Any]:
    if trim is None:
        return values
    low = np.quantile(values, trim[0], method="lower")
    high = np.quantile(values, trim[1], method="higher")
    kept: NDArray[Any] = values[(values >= low) & (values <= high)]
    return kept


def _checked_trim(trim: Any) -> tuple[float, float] | None:
    if trim is None:
        return None
    try:
        low, high = map(float, trim)
    except (TypeError, ValueError):
        raise LatentTypeError(f"trim is {brief(trim)}; expected two quantiles, or None.") from None
    if not 0 <= low < high <= 1:
        raise LatentValueError(
            f"trim is {brief(trim)}; expected two rising quantiles from 0 to 1, such as "
            "(0.01, 0.99), or None."
        )
    return low, high
