"""Widgets that are linked, or set from several threads."""

from __future__ import annotations

import numpy as np
import pytest
import traitlets

import latentwidgets as lw
from tests.unit.editors import DATA, Decoder, make, moved


@pytest.mark.parametrize(("traits_of", "trait"), [("base", "base"), ("latent", "latent")])
def test_arrays_of_two_editors_can_be_linked(traits_of: str, trait: str) -> None:
    one, other = make(), make(base=DATA[5])
    traitlets.link((one, traits_of), (other, trait))
    np.testing.assert_array_equal(other.base, DATA[3])
    one.base = DATA[6]
    np.testing.assert_array_equal(other.base, DATA[6])
    other.base = DATA[7]
    np.testing.assert_array_equal(one.base, DATA[7])


def test_an_interpolator_can_lead_an_editor() -> None:
    walk = lw.Interpolator(
        lw.LatentSpace(Decoder(), 5, value_range=(0, 1)), DATA[:2], method="lerp"
    )
    editor = make(value={"smile": 1})
    traitlets.link((walk, "latent"), (editor, "base"))
    for t in (0.25, 1.0):
        walk.value = t
        np.testing.assert_array_equal(editor.base, walk.latent)
        np.testing.assert_allclose(editor.latent, moved(walk.latent, {"smile": 1}), rtol=1e-4)
    editor.base = DATA[0]
    assert walk.value == pytest.approx(0)
    follower = lw.Interpolator(walk.space, DATA[:3])
    traitlets.dlink((walk, "anchors"), (follower, "anchors"))
    walk.anchors = DATA[5:9]
    np.testing.assert_array_equal(follower.anchors, DATA[5:9])


def test_an_array_trait_is_an_ordinary_array() -> None:
    latent = make().latent
    assert (latent == DATA[3]).tolist() == [True] * 5
    assert (latent != np.where(np.arange(5) < 2, 99, DATA[3])).tolist() == [True] * 2 + [False] * 3
    assert bool(latent != DATA[3]) is False
    assert latent != DATA[3, :4]
    assert type(latent + 1) is np.ndarray
    assert type(latent.sum()) is np.float32
    assert isinstance(latent, np.ndarray)
    with pytest.raises(ValueError, match="read-only"):
        latent[0] = 1
