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
from sklearn.feature_selection import SelectorMixin
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from latentwidgets.adapters.linear import as_matrix
from latentwidgets.common.attributes import has, raised_by
from latentwidgets.common.wording import brief, said
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

    from latentwidgets.space.portable import Linear, Wish
    from latentwidgets.space.priors import Prior

__all__ = ["UnfittedError"]

# What columns of a table are called that are pixels.
PIXEL = re.compile(r"[a-z]*[ _-]?[0-9]+([ _x,-][0-9]+)*", re.IGNORECASE)

# So many numbers of a latent are moved, each alone, to see what they change.
MOST_MOVED = 256


class UnfittedError(LatentValueError, NotFittedError):  # type: ignore[misc]
    """A scikit-learn model that has not been fitted, or not in a way that it can invert."""


@as_space.register
def _(model: BaseEstimator, **options: Any) -> LatentSpace:
    """Make a space from a fitted transformer: ``inverse_transform`` decodes, ``transform`` encodes.

    Outputs are flat features; `image_shape` says what pictures they are where they are not square
    and grey. A scaler, or another transformer that makes each feature of one number, is doubted:
    its latents are the columns themselves. The prior of a `PCA` or `KernelPCA` has the variance of
    its components; that of an `NMF`, whose latents are never negative, is the absolute value of
    standard normals.

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
    if not has(model, "inverse_transform"):
        raise LatentTypeError(
            f"{name} has no inverse_transform, so it cannot decode. Pass a model that has one: "
            "PCA, NMF, FastICA, KernelPCA(fit_inverse_transform=True), or a Pipeline of such."
            f"{raised_by(model, 'inverse_transform')}"
        )
    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise UnfittedError(f"{name} is not fitted yet. Call fit with data first.") from error
    tried = ModelLock((model,)).run(partial(_try, model), name)
    shape = options.pop("latent_shape", None)
    if shape is None and tried:
        shape = tuple(tried[0].shape[1:])
        ModelLock((model,)).run(partial(_doubt_columns, model, tried[0]), name)
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

    def portable(self, wish: Wish) -> Linear:
        """Give the decoder as a matrix, where it is one: a PCA, an NMF, a pipeline of such."""
        lock = ModelLock(self.models)
        return as_matrix(type(self._model).__name__, partial(lock.run, self.decode), wish)

    def encode(self, images: NDArray[np.float32]) -> Any:
        """Give the latents of features."""
        return self._model.transform(images.astype(self._dtype))


def _try(model: Any, name: str) -> tuple[NDArray[Any], type[np.floating[Any]]] | None:
    """Transform zeros and invert them, for a latent, ``(1, ...)``, and which dtype works."""
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
            raise UnfittedError(f"{name} cannot invert: {said(error)}") from error
        except (TypeError, ValueError):
            continue
        return _dense(latents), dtype
    return None


def _doubt_columns(model: Any, start: NDArray[Any], name: str) -> None:
    """Warn where each number of a latent, ``(1, n)``, makes one feature alone, as of a scaler."""
    if start.ndim != 2 or min(start.shape[1], model.n_features_in_) < 2:
        return
    count = start.shape[1]
    most = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            before = _dense(model.inverse_transform(start))
            for place in np.unique(np.linspace(0, count - 1, min(MOST_MOVED, count)).astype(int)):
                moved = start.copy()
                moved[0, place] += 1
                after = _dense(model.inverse_transform(moved))
                same = (after == before) | ((after != after) & (before != before))
                most = max(most, np.sum(~np.asarray(same, bool)))
                if most > 1:
                    return
    except Exception:  # what it cannot invert is told when it is decoded
        return
    if most == 1:
        warn_guess(
            f"{name} makes each feature of one number: the latents, of shape {(count,)}, would be "
            "the columns of the data themselves, and moving along one changes one of them alone. "
            "Find latents in what it gives, such as with make_pipeline(model, "
            f"PCA({min(10, count - 1)})).fit(data{', labels' * _takes_labels(model)}); or pass "
            f"latent_shape={(count,)} to say that it is right."
        )


def _takes_labels(model: Any) -> bool:
    """Say whether a model, or a step of a pipeline, may need labels: it selects features."""
    steps = [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]
    return any(isinstance(step, SelectorMixin) for step in steps)


def _dense(array: Any) -> Any:
    """Make a plain array of what may be sparse, or a table."""
    return np.asarray(array.toarray() if hasattr(array, "toarray") else array)


def _doubt_table(model: Any, name: str) -> None:
    """Warn where features that will be drawn as pictures have names, as columns of a table do."""
    names = [str(one) for one in getattr(model, "feature_names_in_", ())]
    if all(PIXEL.fullmatch(one) for one in names):
        return
    with suppress(DecodeError):  # what makes no square picture is refused when it is decoded
        shape = guess_shape((len(names),))[0]
        shape = shape[:2] if shape[2:] == (1,) else shape
        shown = ", ".join(map(brief, names[:3]))
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
