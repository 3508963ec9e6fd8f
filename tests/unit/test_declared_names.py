"""Names of a condition go by place: another order than a model's own is doubted aloud."""

from __future__ import annotations

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from torch import nn

import latentwidgets as lw

OWN = ("cat", "dog", "owl")


class Model:
    """Draws a class as the grey of its number, and says in some attribute which there are."""

    def __init__(self, **declared: Any) -> None:
        vars(self).update(declared)

    def decode(self, z: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.broadcast_to(y[:, None, None] / 2, (len(z), 4, 4))


DECLARED = {
    "id2label": dict(enumerate(OWN)),
    "idx_to_class": {str(i): name for i, name in enumerate(OWN)},
    "label2id": {name: i for i, name in enumerate(OWN)},
    "labels": {"owl": 2, "cat": 0, "dog": 1},
    "class_to_idx": {name: np.int64(i) for i, name in enumerate(OWN)},
    "classes_": np.array(OWN),
    "class_names": [*OWN],
    "classes": OWN,
}
FORMS = [(name, {name: one}) for name, one in DECLARED.items()]
FORMS.append(("config.id2label", {"config": SimpleNamespace(id2label=DECLARED["id2label"])}))


def make(model: Any, names: Any) -> lw.LatentSpace:
    return lw.LatentSpace(model.decode, 2, conditions={"y": names}, value_range=(0, 1))


@pytest.mark.parametrize(("where", "declared"), FORMS)
def test_names_in_another_order_than_the_models_are_doubted(where: str, declared: Any) -> None:
    with pytest.warns(lw.GuessWarning) as caught:
        space = make(Model(**declared), ["owl", "cat", "dog"])
    [warning] = caught
    assert str(warning.message) == (
        "conditions['y']: the model gets the place of a name, which for 'owl' is 0, and "
        f"{where} of Model says that it is 2: unless decode translates it, something else is "
        "shown by that name. Give all names in that order: ['cat', 'dog', 'owl']."
    )
    assert warning.filename == __file__
    # It is right: here the name shows another class.
    assert space.decode(np.zeros((1, 2)), {"y": "owl"}).max() == 0


@pytest.mark.parametrize(
    "names",
    [
        ["dog", "owl"],  # a part of them, which moves up
        ["none", "cat", "dog", "owl"],  # one more before them
        ["Dog", "cat ", "owl"],  # written otherwise
    ],
)
def test_so_are_names_that_moved(names: list[str]) -> None:
    with pytest.warns(lw.GuessWarning, match="Give all names in that order"):
        make(Model(classes_=OWN), names)


@pytest.mark.parametrize(
    ("declared", "names"),
    [
        ({"classes_": OWN}, OWN),
        ({"classes_": OWN}, ["cat", "dog"]),
        ({"classes_": [*"ABCabc"]}, [*"ABCabc"]),  # alike but for the case of letters
        ({"classes_": [*"Aa"]}, [*"Aa"]),
        ({"classes_": OWN}, ["Katze", "Hund", "Eule"]),  # other names for them
        ({"classes_": OWN}, ["bold", "cat"]),  # about something else
        ({"classes_": OWN}, range(3)),
        ({"classes_": OWN}, (0.0, 0.0, 2.0)),
        ({"classes_": np.arange(3)}, ["owl", "cat", "dog"]),
        ({"classes": 3}, ["owl", "cat", "dog"]),
        ({"labels": {"owl": [2]}}, ["owl", "cat", "dog"]),
        ({"id2label": {1.5: "owl", 2.5: "cat"}}, ["owl", "cat", "dog"]),
        ({}, ["owl", "cat", "dog"]),
    ],
)
def test_nothing_is_doubted_where_a_model_says_nothing_else(declared: Any, names: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(Model(**declared), names)


def test_what_a_model_cannot_tell_is_no_fault() -> None:
    class Broken(Model):
        @property
        def classes_(self) -> Any:
            raise OSError("gone")

        @property
        def id2label(self) -> Any:
            return Never({0: "owl"})

    class Never(dict[int, str]):
        def items(self) -> Any:
            raise ValueError("mine")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(Broken(), OWN)
        make(Model(labels=[*map(str, range(10**6))]), ("1", "0"))  # no menu is as long


def test_a_long_list_of_names_is_not_repeated_whole() -> None:
    names = [f"class {i:04d}" for i in range(1000)]
    with pytest.warns(lw.GuessWarning) as caught:
        make(Model(classes_=names), names[::-1])
    assert len(str(caught[0].message)) < 400


def denoise(x: Any, t: Any, label: Any) -> Any:
    return x * 0 + label[:, None]


def sampler() -> lw.adapters.Sampler:
    return lw.adapters.Sampler(denoise, 4, predicts="sample", schedule="flow", classes=OWN)


def test_a_sampler_doubts_its_own_names_in_another_order() -> None:
    with pytest.warns(lw.GuessWarning, match=r"'owl' is 0, and the Sampler says that it is 2"):
        lw.as_space(sampler(), conditions={"class": ["owl", "cat", "dog"]}, kind="curve")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lw.as_space(sampler(), conditions={"class": ["Katze", "Hund", "Eule"]}, kind="curve")


def test_a_torch_module_that_declares_its_classes_is_asked() -> None:
    class Decoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.names = nn.Embedding(3, 16)
            self.config = SimpleNamespace(id2label=DECLARED["id2label"], label2id=None)

        def forward(self, z: Any, y: Any) -> Any:
            return (self.names(y) + z.sum(1, keepdim=True)).sigmoid().view(-1, 4, 4)

    options = {"latent_shape": 2, "value_range": (0, 1)}
    with pytest.warns(lw.GuessWarning, match=r"config.id2label of Decoder says that it is 2"):
        lw.as_space(Decoder(), conditions={"y": ["owl", "dog", "cat"]}, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lw.as_space(Decoder(), conditions={"y": OWN}, **options)
