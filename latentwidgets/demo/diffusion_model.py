"""The diffusion model of handwritten digits: its parts, and its folder as diffusers reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from latentwidgets.demo.written_digits import written_digits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = [
    "FOLDER",
    "NAMES",
    "NOTHING",
    "digit_pixels",
    "load_pipeline",
    "make_pipeline",
    "space_of",
]

FOLDER = Path(__file__).with_name("digits_diffusion")
NAMES = tuple("0123456789")
# The label that stands for no class, one after those of the digits.
NOTHING = len(NAMES)


def digit_pixels() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Give scikit-learn's handwritten digits as they are, 8x8.

    Returns
    -------
    images : ndarray
        uint8 ``(1797, 8, 8, 1)``, white on black: 17 grey levels from 0 to 255.
    labels : ndarray
        int64 ``(1797,)``, the digit each image shows, 0 to 9.

    Examples
    --------
    >>> images, labels = digit_pixels()
    >>> images.shape, images.max(), labels[:4]
    ((1797, 8, 8, 1), np.uint8(255), array([0, 1, 2, 3]))
    """
    grey, labels = written_digits()
    return np.round(grey[..., None] * (255 / 16)).astype(np.uint8), labels


def make_pipeline() -> Any:
    """Make the pipeline with weights drawn by torch's random state.

    Returns
    -------
    diffusers.DDIMPipeline
        A `UNet2DModel` of 8x8 grey pictures from -1 to 1, with labels 0 to 9 and 10 for no class,
        which predicts v, and a `DDIMScheduler` of the cosine schedule.

    References
    ----------
    v: Salimans & Ho 2022, "Progressive distillation" (arXiv 2202.00512). Cosine schedule: Nichol &
    Dhariwal 2021 (arXiv 2102.09672). Steps counted from the last: Lin et al. 2024 (arXiv
    2305.08891).
    """
    library = _diffusers()
    unet = library.UNet2DModel(
        sample_size=8,
        in_channels=1,
        out_channels=1,
        block_out_channels=(32, 64),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=16,
        norm_num_groups=8,
        num_class_embeds=NOTHING + 1,
    )
    # Pictures this small lose their shape to little noise: with the linear schedule most steps
    # would be spent on pictures that are noise alone. Clipped steps could not be gone back.
    scheduler = library.DDIMScheduler(
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        clip_sample=False,
    )
    return library.DDIMPipeline(unet=unet, scheduler=scheduler)


def _diffusers() -> Any:
    """Import the library, which has no types."""
    import diffusers

    return diffusers


def load_pipeline(folder: Path = FOLDER) -> Any:
    """Load the pipeline from a folder that diffusers wrote.

    ``diffusers.DDIMPipeline.from_pretrained(folder)`` gives the same, and shows a progress bar.

    Parameters
    ----------
    folder : Path
        As `latentwidgets.demo.train_diffusion` writes it.

    Returns
    -------
    diffusers.DDIMPipeline
        On the CPU, in float32 and evaluation mode, its parameters frozen.

    Examples
    --------
    >>> load_pipeline().unet.training
    False
    """
    library = _diffusers()
    # Weights are drawn before those of the file replace them: the person's random state is theirs.
    with torch.random.fork_rng(devices=[]):
        unet = library.UNet2DModel.from_pretrained(
            folder, subfolder="unet", local_files_only=True, low_cpu_mem_usage=False
        )
    scheduler = library.DDIMScheduler.from_pretrained(
        folder, subfolder="scheduler", local_files_only=True
    )
    unet.eval().requires_grad_(False)
    return library.DDIMPipeline(unet=unet, scheduler=scheduler)


def space_of(pipeline: Any) -> LatentSpace:
    """Make the space of the pipeline's noise.

    Parameters
    ----------
    pipeline : diffusers.DDIMPipeline
        As `load_pipeline` gives it.

    Returns
    -------
    LatentSpace
        Latents have shape (1, 8, 8), images (8, 8, 1).

    Examples
    --------
    >>> list(space_of(load_pipeline()).conditions)
    ['guidance', 'start', 'stop', 'steps', 'class']
    """
    from latentwidgets.space.as_space import as_space
    from latentwidgets.space.condition import Condition

    given = {
        "guidance": Condition(1.0, 0.0, 8.0, step=0.1),
        "steps": Condition(20, choices=range(1, 51)),
    }
    return as_space(pipeline, classes=NAMES, null=NOTHING, conditions=given, name="digits")
