"""What a person does with a new kind of output. Runs with a package that has the kind "bars"."""

from __future__ import annotations

import base64
import io
import re
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image

import latentwidgets as lw
from latentwidgets.errors import DecodeError, LatentValueError

Array = np.ndarray[Any, Any]


def decode(latents: Array) -> Array:
    """Seven shares, of which the first two follow the latent."""
    rest = np.full((len(latents), 5), 0.1)
    return np.concatenate([np.abs(latents), rest], axis=1)


def main() -> None:
    """Go through all that a space and the widgets do with outputs."""
    said = lw.LatentSpace(decode, 2, kind="bars", value_range=(0, 1))
    found = lw.LatentSpace(decode, 2)
    assert said.kind == found.kind == "bars"
    outputs = found.decode([[1.0, 0.5], [0.0, 0.25]])
    np.testing.assert_allclose(outputs[:, :3], [[1, 0.5, 0.1], [0, 0.25, 0.1]])
    changes, _ = found.derivative([0.5, 0.5], [[1.0, 0.0]])
    np.testing.assert_allclose(changes[0, :2], [1, 0], atol=1e-3)
    refused: list[tuple[dict[str, Any], str]] = [
        ({"kind": "bars", "layout": "channels_first"}, "this space is of kind 'bars'"),
        ({"kind": "text", "value_range": (0, 1)}, "only for image or bars or curve or sound"),
        ({"kind": "bar"}, "Did you mean 'bars'?"),
    ]
    for options, complaint in refused:
        with pytest.raises(LatentValueError, match=re.escape(complaint)):
            lw.LatentSpace(decode, 2, **options)
    with pytest.raises(DecodeError, match="returned no bars"):
        lw.LatentSpace(lambda z: -decode(z), 2, kind="bars").decode([[1.0, 1.0]])

    walk = lw.Interpolator(found, [[1.0, 0.5], [0.0, 0.25]], method="lerp", value=0.5)
    state = walk.get_state()
    assert "export default" in state["_painter"]
    heights = base64.b64decode(state["_picture"]["data"]).decode()
    assert heights == "0.500 0.375 0.100 0.100 0.100 0.100 0.100"
    picture = np.asarray(walk.image().convert("L"))
    assert picture.shape == (288, 576)
    # The first bar is as high as the tile, the last a fifth of it.
    dark = picture < 128
    assert dark[20:268, 41].all()
    assert dark[20:268, 535].mean() == pytest.approx(0.2, abs=0.06)
    bundle = walk._repr_mimebundle_()
    assert bundle is not None
    still = Image.open(io.BytesIO(base64.b64decode(bundle[0]["image/png"])))
    assert still.size == (576, 288)

    grid = lw.LatentGrid.samples(found, 3)
    figure: Any = grid.figure()
    assert len(figure.axes[0].patches) == 3 * 7
    assert grid.image().width >= 3 * 192


if __name__ == "__main__":
    main()
    sys.stdout.write(lw.__file__)
