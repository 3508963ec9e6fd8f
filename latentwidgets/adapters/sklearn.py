"""Scikit-learn transformers and pipelines with ``inverse_transform`` as latent spaces."""

from __future__ import annotations

import re
import warnings
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import NMF, KernelPCA, MiniBatchNMF
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.image_format import guess_shape
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelCaller, ModelLock
from latentwidgets.space.options import check_options
from latentwidgets.space.priors import HalfNormalPrior, NormalPrior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.space.priors import Prior

__all__ = ["UnfittedError"]

# What columns of a table are called that are pixels.
PIXEL = re.compile(r"[a-z]*[ _-]?[0-9]+([ _x,-][0-9]+)*", re.IGNORECASE)


class UnfittedError(LatentValueError, NotFittedError):  # type: ignore[misc]
    """A scikit-learn model that has not been fitted, or not in a way that it can invert."""


@as_space.register
def _(model: BaseEstimator, **options: Any) -> LatentSpace:
    """Make a space from a fitted transformer: ``inverse_transform`` decodes, ``transform`` encodes.

    Outputs are flat features; `image_shape` says what pictures they are where they are not square
    and grey. The prior of a `PCA` or `KernelPCA` has the variance of its components; that of an
    `NMF`, whose latents are never negative, is the absolute value of standard normals.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> images = load_digits().data
    >>> space = as_space(PCA(10).fit(images), value_range=(0, 16))
    >>> space.decode(space.encode(images[:5])).shape
    (5, 8, 8, 1)
    """
    check_options(options)
    name = type(model).__name__
    if not hasattr(model, "inverse_transform"):
        raise LatentTypeError(
            f"{name} has no inverse_transform, so it cannot decode. Pass a model that has one: "
            "PCA, NMF, FastICA, KernelPCA(fit_inverse_transform=True), or a Pipeline of such."
        )
    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise UnfittedError(f"{name} is not fitted yet. Call fit with data first.") from error
    tried = ModelLock((model,)).run(partial(_try, model), name)
    shape = options.pop("latent_shape", None)
    if shape is None and tried:
        shape = tried[0]
    if shape is None:
        raise LatentValueError(
            f"{name} does not say what latents it takes. Pass latent_shape=(number of latents,)."
        )
    if not options.keys() & {"kind", "image_shape", "layout", "sample_rate"}:
        _doubt_table(model, name)
    transformer = Transformer(model, tried[1] if tried else np.float64)
    encode = transformer.encode if hasattr(model, "transform") else None
    return LatentSpace(
        transformer.decode,
        shape,
        **{"encode": encode, "prior": _prior(model), "name": name, **options},
    )


class Transformer(ModelCaller):
    """Decodes and encodes by a fitted transformer.

    Parameters
    ----------
    model : BaseEstimator
        The transformer.
    dtype : type
        The dtype of images that it takes.
    """

    def __init__(self, model: Any, dtype: type[np.floating[Any]]) -> None:
        self._model, self._dtype = model, dtype
        self.models = (model,)

    def decode(self, latents: NDArray[np.float32]) -> Any:
        """Give the features of latents, ``(n, features)``."""
        return self._model.inverse_transform(latents)

    def encode(self, images: NDArray[np.float32]) -> Any:
        """Give the latents of features."""
        return self._model.transform(images.astype(self._dtype))


def _try(model: Any, name: str) -> tuple[tuple[int, ...], type[np.floating[Any]]] | None:
    """Transform zeros and invert them, to see the shape of a latent and which dtype works."""
    features = getattr(model, "n_features_in_", None)
    if features is None or not hasattr(model, "transform"):
        return None
    # NMF refuses a dtype other than the one it was fitted to; all others take any.
    for dtype in (np.float64, np.float32):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # zeros have no feature names, and may fit poorly
                latents = model.transform(np.zeros((1, features), dtype))
                model.inverse_transform(latents)
        except NotFittedError as error:
            raise UnfittedError(f"{name} cannot invert: {error}") from error
        except (TypeError, ValueError):
            continue
        return tuple(np.shape(latents)[1:]), dtype
    return None


def _doubt_table(model: Any, name: str) -> None:
    """Warn where features that will be drawn as pictures have names, as columns of a table do."""
    names = [str(one) for one in getattr(model, "feature_names_in_", ())]
    if all(PIXEL.fullmatch(one) for one in names):
        return
    with suppress(DecodeError):  # what makes no square picture is refused when it is decoded
        shape = guess_shape((len(names),))[0]
        shape = shape[:2] if shape[2:] == (1,) else shape
        shown = ", ".join(map(repr, names[:3]))
        warn_guess(
            f"{name} was fitted to a table with columns named {shown}{'...' * (len(names) > 3)}; "
            f"what it decodes is drawn as pictures. Pass kind='curve', or kind='image', "
            f"image_shape={shape} to say that they are pictures."
        )


def _prior(model: Any) -> Prior | None:
    """Find a prior: for a PCA with the variance of its data, for an NMF without negatives."""
    last = model
    while isinstance(last, Pipeline):
        last = last[-1]
    if isinstance(last, (NMF, MiniBatchNMF)):
        return HalfNormalPrior(last.n_components_)
    if isinstance(last, KernelPCA):  # an eigenvalue is a sum over the samples
        return NormalPrior(np.sqrt(last.eigenvalues_ / last.X_fit_.shape[0]))
    centred = hasattr(last, "mean_") and not getattr(last, "whiten", False)
    if not (centred and hasattr(last, "explained_variance_")):
        return None
    return NormalPrior(np.sqrt(last.explained_variance_))
