"""Directions that need no labels: the components of a PCA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.checks import check_seed, check_whole
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.principal import Principal, alike, principal_components
from latentwidgets.directions.samples import Data, signed
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["asked_count", "pca_directions", "principal", "principal_plane", "share_evidence"]

# A component with a smaller share of the variance than this gets a warning.
LEAST_SHARE = 1e-3
TINY = "The latents hardly vary along it: below 0.1% of the variance."


@checked_keywords
def pca_directions(latents: ArrayLike, n: int | None = None, *, seed: int = 0) -> Directions:
    """Find the principal components: the directions along which latents vary most.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(m, *latent_shape)``, m at least 2.
    n : int, optional
        How many components. If None, all along which the latents vary, but at most 20.
    seed : int
        For where the search starts that very wide data get.

    Returns
    -------
    Directions
        "PC 1" to "PC n", the one of most variance first. The entry of largest magnitude of each
        vector is positive. The score of each is its share of the variance.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents cannot be used, or have fewer components than n.

    Notes
    -----
    They are the eigenvectors of the covariance, or of the Gram matrix where there are fewer latents
    than numbers in each, up to 4,096 of the fewer; in float64, whatever the latents are. Beyond,
    they are looked for in a Krylov space, and the evidence's warning says "approximate", and how
    far off they may be, where the search has not converged.

    Where the variances of neighbours may well be equal, since a test does not reject it at 1 %, the
    warning says "not told apart": other latents of the same kind would give other mixtures.

    References
    ----------
    Härkönen et al. 2020, "GANSpace: Discovering interpretable GAN controls" (arXiv 2004.02546).
    Anderson 1963, "Asymptotic theory for principal component analysis", Annals of Mathematical
    Statistics 34, for the test.

    Examples
    --------
    >>> import numpy as np
    >>> latents = np.random.default_rng(0).normal(size=(100, 4)) * [1, 5, 1, 1]
    >>> int(pca_directions(latents, 2)["PC 1"].vector.argmax())
    1
    """
    data = Data(latents)
    seed = check_seed(seed)
    return _directions(data, principal(data, n, seed), data.provenance("pca", n=n, seed=seed))


def asked_count(data: Data, n: int | None) -> int:
    """Check how many components are asked for; give how many to look for."""
    most: int = min(len(data), data.rows.shape[1])
    if n is None:
        return min(most, 20)
    count = check_whole(n, "n", least=1)
    if count > most:
        raise LatentValueError(
            f"n is {count}; {len(data)} latents of {data.rows.shape[1]} numbers have at most "
            f"{most} components."
        )
    return count


def principal(data: Data, n: int | None, seed: int) -> Principal:
    """Give the principal components; refuse to give more than the latents vary along."""
    found = principal_components(data.rows, asked_count(data, n), seed)
    rank = len(found.vectors)
    if n is not None and n > rank:
        raise LatentValueError(
            f"n is {brief(n)}; the latents vary along {rank} directions only. Pass a smaller n."
        )
    return found


def _doubts(found: Principal, count: int) -> list[str]:
    """Say of each component why it may not be what it seems; an empty text where there is no why.

    Parameters
    ----------
    found : Principal
        The components.
    count : int
        How many latents they were found in.
    """
    doubts = []
    ranges = alike(found.variances, count)
    for i, (error, (first, last)) in enumerate(zip(found.errors, ranges, strict=False)):
        parts = []
        if error:
            parts.append(
                f"Approximate: its variance is off that of a component by up to {100 * error:.2g}%."
            )
        if first < last:
            others = [f"PC {j + 1}" for j in range(first, last + 1) if j != i]
            named = others[0] if len(others) == 1 else f"{others[0]} to {others[-1]}"
            # The last one that is known was not asked for: those after it may be alike too.
            more = " and perhaps later ones" if last == len(found.vectors) else ""
            parts.append(
                f"Not told apart from {named}{more}: their variances are nearly the same, and "
                "other latents like these would give other mixtures of them."
            )
        doubts.append(" ".join(parts))
    return doubts


def _directions(data: Data, found: Principal, about: dict[str, Any]) -> Directions:
    """Make directions of principal components."""
    shares, doubts = found.shares, _doubts(found, len(data))
    return Directions(
        data.direction(
            f"PC {i + 1}",
            vector,
            method="pca",
            evidence=share_evidence(float(share), float(shares[0]), len(data), doubt),
            provenance=about,
        )
        for i, (vector, share, doubt) in enumerate(
            zip(signed(found.vectors), shares, doubts, strict=True)
        )
    )


def principal_plane(latents: ArrayLike, *, seed: int = 0) -> tuple[Directions, str]:
    """Give the first two principal components, or one where latents lie on a line, for a map.

    Parameters
    ----------
    latents, seed
        As `pca_directions` takes them.

    Returns
    -------
    found : Directions
        The components.
    note : str
        What a map of them must say: how far off they may be, and whether other latents may lie on
        another plane. That they may be mixed with one another does not count: it turns the map.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents cannot be used.
    """
    data = Data(latents)
    found = principal_components(data.rows, 2, seed)
    notes = []
    if found.errors.any():
        notes.append(f"Axes are approximate: off by up to {100 * found.errors.max():.2g}%.")
    if len(found.variances) > 2 and alike(found.variances, len(data))[2][0] < 2:
        notes.append(
            "PC 3 has nearly the same variance as these: other latents may lie on another plane."
        )
    return _directions(data, found, data.provenance("pca", n=2, seed=seed)), " ".join(notes)


def share_evidence(share: float, largest: float, count: int, doubt: str = "") -> Evidence:
    """Make the evidence for a component, with a warning where its share is next to nothing."""
    # Where latents have thousands of numbers every share is small: this one must be small beside
    # the largest, too.
    tiny = share < LEAST_SHARE and share < 10 * LEAST_SHARE * largest
    return Evidence(
        share,
        score_name="share of variance",
        counts={"samples": count},
        warning=f"{TINY if tiny else ''} {doubt}".strip() or None,
    )
