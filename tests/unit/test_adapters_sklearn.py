"""Scikit-learn transformers and pipelines as spaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import FeatureAgglomeration
from sklearn.datasets import load_digits
from sklearn.decomposition import NMF, PCA, FastICA, IncrementalPCA, KernelPCA, TruncatedSVD
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import SelectKBest, VarianceThreshold, mutual_info_classif
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import TSNE
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytestmark = pytest.mark.usefixtures("no_unexpected_warning")

DIGITS: NDArray[np.float64] = load_digits().data[:300]

TRANSFORMERS = {
    "PCA": PCA(12, random_state=0),
    "IncrementalPCA": IncrementalPCA(12),
    "TruncatedSVD": TruncatedSVD(12, random_state=0),
    "NMF": NMF(12, init="nndsvda", random_state=0, max_iter=400),
    "FastICA": FastICA(12, random_state=0, max_iter=1000, tol=0.01),
    "KernelPCA": KernelPCA(12, kernel="rbf", gamma=1e-3, fit_inverse_transform=True),
    "Pipeline": make_pipeline(StandardScaler(), PCA(12, random_state=0)),
    "whitened": make_pipeline(MinMaxScaler(), PCA(12, whiten=True, random_state=0)),
}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_digits_go_there_and_back(name: str) -> None:
    model = TRANSFORMERS[name].fit(DIGITS)
    space = as_space(model, value_range=(0, 16))
    latents = space.encode(DIGITS[:20])
    images = space.decode(latents)
    assert space.latent_shape == (12,)
    assert latents == pytest.approx(model.transform(DIGITS[:20]), abs=1e-3)
    assert images.shape == (20, 8, 8, 1)
    exact = np.clip(model.inverse_transform(model.transform(DIGITS[:20])), 0, 16) / 16 * 255
    assert np.abs(images.reshape(20, 64) - exact).max() <= 0.6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_of_the_data_is_kept(dtype: type[np.floating[Any]]) -> None:
    model = NMF(4, init="nndsvda", max_iter=400).fit(DIGITS.astype(dtype))
    space = as_space(model, value_range=(0, 16))
    assert space.encode(space.decode(np.ones((2, 4)))).shape == (2, 4)


SCALERS = {
    "StandardScaler": StandardScaler(),
    "MinMaxScaler": MinMaxScaler(),
    "MaxAbsScaler": MaxAbsScaler(),
    "RobustScaler": RobustScaler(),
    "PowerTransformer": PowerTransformer(),
    "QuantileTransformer": QuantileTransformer(n_quantiles=20),
    "FunctionTransformer": FunctionTransformer(),
    "VarianceThreshold": VarianceThreshold(1.0),
    "SelectKBest": SelectKBest(mutual_info_classif, k=4),
    "Pipeline": make_pipeline(MinMaxScaler(), StandardScaler()),
}


@pytest.mark.parametrize("name", SCALERS)
@pytest.mark.filterwarnings("ignore::UserWarning:sklearn")
def test_what_finds_no_latents_is_doubted(name: str) -> None:
    data, labels = DIGITS[:, 18:46], DIGITS[:, 0] + DIGITS[:, 20] > 8
    model = SCALERS[name].fit(data, labels)
    with pytest.warns(GuessWarning, match=f"^{name} makes each feature of one number") as said:
        space = as_space(model, kind="curve")
    words = str(said[0].message)
    assert f"latent_shape={space.latent_shape} to say that it is right" in words
    line = re.search(r"make_pipeline\(.*\)(?=; or)", words)
    assert line is not None
    names = {"make_pipeline": make_pipeline, "PCA": PCA, "model": model}
    found = eval(line[0], {**names, "data": data, "labels": labels})
    assert as_space(found, kind="curve").latent_shape == (min(10, space.latent_shape[0] - 1),)
    assert as_space(model, kind="curve", latent_shape=space.latent_shape).latent_shape


@pytest.mark.parametrize(
    "model",
    [
        PCA(),
        FastICA(random_state=0, whiten="unit-variance", max_iter=5, tol=1e3),
        make_pipeline(StandardScaler(), PCA()),
        make_pipeline(PCA(), StandardScaler()),
        NMF(4, max_iter=400),
        FeatureAgglomeration(6),
    ],
)
def test_a_decomposition_of_as_many_numbers_as_features_is_not_doubted(model: Any) -> None:
    features = DIGITS.shape[1]
    latents = as_space(model.fit(DIGITS)).latent_shape
    assert latents in {(features,), (4,), (6,)}


def test_large_pictures_are_not_inverted_by_the_hundred() -> None:
    class Counted(PCA):  # type: ignore[misc]
        rows = 0

        def inverse_transform(self, latents: Any) -> Any:
            Counted.rows += len(latents)
            return super().inverse_transform(latents)

    as_space(Counted(40).fit(DIGITS))
    assert Counted.rows <= 3


def test_samples_for_an_nmf_are_not_negative() -> None:
    space = as_space(NMF(4, init="nndsvda", max_iter=400).fit(DIGITS), value_range=(0, 16))
    assert space.sample(50).min() >= 0
    assert space.encode(DIGITS[:3]).shape == (3, 4)  # before anything was decoded


def test_pictures_can_be_encoded() -> None:
    space = as_space(PCA(12).fit(DIGITS), value_range=(0, 16))
    pictures = (DIGITS[:5] / 16 * 255).round().astype(np.uint8).reshape(5, 8, 8, 1)
    assert np.abs(space.encode(pictures) - space.encode(DIGITS[:5])).max() < 0.5
    assert space.encode(DIGITS[:5].reshape(5, 8, 8)).shape == (5, 12)


def test_a_range_that_is_not_stated_is_an_unsafe_guess() -> None:
    space = as_space(PCA(12).fit(DIGITS))
    with pytest.warns(GuessWarning, match=r"PCA: outputs reach from .* Pass value_range="):
        space.decode(space.encode(DIGITS[:5].astype(np.float32)))


def test_flat_features_get_their_image_shape() -> None:
    wide = np.random.default_rng(0).uniform(size=(50, 6 * 8 * 3))
    model = PCA(4).fit(wide)
    space = as_space(model, image_shape=(6, 8, 3), value_range=(0, 1))
    assert space.decode(space.sample(2)).shape == (2, 6, 8, 3)
    space = as_space(model, image_shape=(3, 6, 8), value_range=(0, 1))
    assert space.decode(space.sample(2)).shape == (2, 6, 8, 3)


def test_colours_that_are_not_stated_are_an_unsafe_guess() -> None:
    model = PCA(4).fit(np.random.default_rng(0).uniform(size=(50, 5 * 5 * 3)))
    with pytest.warns(GuessWarning, match=r"taken to be pictures of shape \(3, 5, 5\)"):
        as_space(model, value_range=(0, 1)).decode(np.zeros((1, 4)))


def test_features_that_are_no_square_ask_for_the_shape() -> None:
    model = PCA(4).fit(np.random.default_rng(0).uniform(size=(50, 30)))
    with pytest.raises(RuntimeError, match=r"30 values.*Pass image_shape="):
        as_space(model).decode(np.zeros((1, 4)))


def test_samples_of_a_pca_have_the_variance_of_its_data() -> None:
    model = PCA(12).fit(DIGITS)
    latents = as_space(model).sample(5000)
    assert latents.var(axis=0) == pytest.approx(model.explained_variance_, rel=0.1)
    short = as_space(model).sample(5000, truncation=0.5)
    assert (np.abs(short) <= 0.51 * np.sqrt(model.explained_variance_)).all()
    whitened = as_space(PCA(12, whiten=True).fit(DIGITS)).sample(5000)
    assert whitened.var(axis=0) == pytest.approx(np.ones(12), rel=0.1)


def test_a_pipeline_in_a_pipeline_has_the_prior_of_its_last_step() -> None:
    inner = make_pipeline(StandardScaler(), PCA(12))
    model = make_pipeline(MinMaxScaler(), inner).fit(DIGITS)
    variance = as_space(model).sample(5000).var(axis=0)
    assert variance == pytest.approx(inner[-1].explained_variance_, rel=0.1)


def test_samples_of_a_kernel_pca_have_the_variance_of_its_data() -> None:
    model = KernelPCA(5, kernel="rbf", gamma=1e-3, fit_inverse_transform=True).fit(DIGITS)
    variance = as_space(model).sample(5000).var(axis=0)
    assert variance == pytest.approx(model.transform(DIGITS).var(axis=0), rel=0.1)


@pytest.mark.parametrize("model", [PCA(3), NMF(3), make_pipeline(StandardScaler(), PCA(3))])
def test_an_unfitted_model_is_told_to_fit(model: Any) -> None:
    with pytest.raises(LatentValueError, match="is not fitted yet. Call fit") as caught:
        as_space(model)
    assert isinstance(caught.value, NotFittedError)


def test_a_kernel_pca_that_cannot_invert() -> None:
    with pytest.raises(NotFittedError, match=r"KernelPCA cannot invert.*fit_inverse_transform"):
        as_space(KernelPCA(3, kernel="rbf").fit(DIGITS))


@pytest.mark.parametrize("model", [LogisticRegression(), TSNE(), make_pipeline(TSNE())])
def test_a_model_without_inverse(model: Any) -> None:
    with pytest.raises(LatentTypeError, match=r"has no inverse_transform.*PCA, NMF"):
        as_space(model)


def test_a_model_that_only_inverts_needs_its_latent_shape() -> None:
    class Painter(BaseEstimator):  # type: ignore[misc]
        def fit(self) -> Painter:
            self.fitted_ = True
            return self

        def inverse_transform(self, latents: NDArray[np.float32]) -> NDArray[np.float32]:
            return np.tile(latents, 4)

    with pytest.raises(LatentValueError, match="Painter does not say.*Pass latent_shape"):
        as_space(Painter().fit())
    space = as_space(Painter().fit(), latent_shape=4, value_range=(-1, 1), kind="image")
    assert not space.can_encode
    assert space.decode(space.sample(2)).shape == (2, 4, 4, 1)


def test_options_are_those_of_a_space() -> None:
    model = PCA(3).fit(DIGITS)
    space = as_space(model, name="digits", batch_size=7, prior=lambda rng, n: np.ones((n, 3)))
    assert (space.name, space.batch_size) == ("digits", 7)
    assert np.array_equal(space.sample(2), np.ones((2, 3)))
    with pytest.raises(LatentTypeError, match="Did you mean 'value_range'"):
        as_space(model, value_rage=(0, 1))  # type: ignore[call-arg]
