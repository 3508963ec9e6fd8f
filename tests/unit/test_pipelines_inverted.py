"""Pictures back to the noise that a pipeline begins with."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

import latentwidgets as lw
from tests.unit.pipelines import TEXTS, pipeline

SIZE = {"height": 16, "width": 16}
FIRST_ORDER = {
    "ddim": lambda: diffusers.DDIMScheduler(clip_sample=False),
    "v": lambda: diffusers.DDIMScheduler(prediction_type="v_prediction", clip_sample=False),
    "euler": lambda: diffusers.EulerDiscreteScheduler(timestep_spacing="trailing"),
    "dpm of order 1": lambda: diffusers.DPMSolverMultistepScheduler(solver_order=1),
}


def exact(pipe: Any) -> Any:
    """Make the network perfect for normal data, of another mean for each class."""
    net = getattr(pipe, "unet", None) or pipe.transformer
    kept = pipe.scheduler.alphas_cumprod.numpy()
    kind = pipe.scheduler.config.prediction_type

    def forward(self: Any, sample: Any, timestep: Any, class_labels: Any = None, **_: Any) -> Any:
        share = np.interp(timestep.numpy(), np.arange(len(kept)), kept)
        a, s = (torch.from_numpy(one).float() for one in (np.sqrt(share), np.sqrt(1 - share)))
        a, s = (one.reshape(-1, *(1,) * (sample.ndim - 1)) for one in (a, s))
        mean = 0.2 if class_labels is None else class_labels.reshape(-1, 1, 1, 1) * 0.1
        noise = s * (sample - a * mean) / (a**2 * 0.5 + s**2)
        if kind == "v_prediction":
            return ((noise - s * sample) / a,)
        return (noise,)

    net.__class__ = type("Exact", (type(net),), {"forward": forward})
    return pipe


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_pictures_come_back(name: str) -> None:
    pipe = pipeline("ddim")
    pipe.scheduler = FIRST_ORDER[name]()
    space: Any = lw.as_space(exact(pipe))
    pictures = np.random.default_rng(0).random((3, 8, 8, 1)).astype(np.float32) * 0.8 + 0.1
    given = {"steps": [10, 50, 10]}
    with warnings.catch_warnings():
        warnings.simplefilter("error", lw.GuessWarning)
        noise = space.encode(pictures, given)
    error = space.reconstruction_error
    assert error.shape == (3,)
    assert error.max() < 0.01
    back = space.decode(noise, given) / 255
    assert np.abs(back - pictures).mean() < 0.01
    alone = space.encode(pictures[1:2], {"steps": 50})
    np.testing.assert_allclose(alone[0], noise[1], atol=1e-3 * np.abs(noise[1]).max())


def test_a_class_is_taken_back_with_its_own_label() -> None:
    pipe = pipeline("ddim", classes=4)
    pipe.scheduler = FIRST_ORDER["ddim"]()
    space = lw.as_space(exact(pipe), null=3)
    picture = np.random.default_rng(0).random((1, 8, 8, 1)).astype(np.float32)
    found = [space.encode(picture, {"class": label, "steps": 20})[0] for label in (0, 1)]
    assert np.abs(found[0] - found[1]).max() > 1e-2
    for label in (0, 1):
        back = space.decode([found[label]], {"class": label, "guidance": 1.0, "steps": 20})
        assert np.abs(back / 255 - picture).mean() < 0.01


@pytest.mark.parametrize("family", ["stable diffusion", "sdxl", "sd3", "flux", "dit"])
def test_latents_of_an_autoencoder_come_back(family: str, tmp_path: Path) -> None:
    pipe = pipeline(family, tmp_path)
    if family == "stable diffusion":
        pipe.scheduler = FIRST_ORDER["ddim"]()
    if family not in ("sd3", "flux"):
        exact(pipe)
    more = {"max_sequence_length": 16} if family in ("sd3", "flux") else {}
    options: dict[str, Any] = {"prompt": "a cat", "arguments": {**SIZE, **more}}
    space = lw.as_space(pipe, **(options if family in TEXTS else {}))
    pictures = np.random.default_rng(0).random((2, 16, 16, 3)).astype(np.float32)
    given = {"steps": 30}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lw.GuessWarning)  # a random autoencoder loses pictures
        noise = space.encode(pictures, given)
    # What comes back is what the autoencoder alone makes of the pictures.
    vae = pipe.vae
    with torch.no_grad():
        signed = torch.from_numpy(pictures).permute(0, 3, 1, 2) * 2 - 1
        alone = vae.decode(vae.encode(signed).latent_dist.mode()).sample
    wanted = (alone / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy()
    back = space.decode(noise, {**given, "guidance": 1.0}) / 255
    assert np.abs(back - wanted).mean() < 0.01


def test_pictures_that_do_not_come_back_are_doubted() -> None:
    pipe = pipeline("ddim")
    pipe.unet.conv_out.weight.data.mul_(20)
    space: Any = lw.as_space(pipe)
    pictures = np.random.default_rng(0).random((2, 8, 8, 1)).astype(np.float32)
    with pytest.warns(lw.GuessWarning, match=r"noise was found for picture . of 2 .*more steps"):
        space.encode(pictures, {"steps": 3})
    assert space.reconstruction_error.max() > 0.05


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: diffusers.DDPMScheduler(), r"DDPMScheduler draws noise.*DDIMScheduler"),
        (
            lambda: diffusers.DPMSolverMultistepScheduler(),
            r"DPMSolverMultistepScheduler cannot be taken back: step 1 .*DDIMScheduler",
        ),
        (lambda: diffusers.HeunDiscreteScheduler(), r"HeunDiscreteScheduler cannot be taken back"),
        (
            lambda: diffusers.DDIMScheduler(prediction_type="sample"),
            r"cannot be taken back: step 4 .*keeps nothing of x",
        ),
    ],
)
def test_schedulers_that_cannot(make: Any, message: str) -> None:
    pipe = pipeline("ddim")
    pipe.scheduler = make()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        space = lw.as_space(pipe)
    with pytest.raises(lw.LatentWidgetsError, match=message):
        space.encode(np.zeros((1, 8, 8, 1), np.float32), {"steps": 5})


def test_pictures_of_another_size(tmp_path: Path) -> None:
    pipe = pipeline("dit")
    space = lw.as_space(pipe)
    with pytest.raises(lw.LatentWidgetsError, match=r"32|16"):
        space.encode(np.zeros((1, 32, 32, 3), np.float32), {"steps": 2})
