"""`lora_condition`: the strength of a LoRA adapter as a condition of a pipeline's spaces."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from latentwidgets.common.checks import check_text
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.whole_files import located
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError, MissingExtraError

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["lora_condition"]


@checked_keywords
def lora_condition(pipe: Any, name: str, path: str | PathLike[str] | None = None) -> None:
    """Make a LoRA adapter a condition of all spaces that are made of a pipeline from now on.

    Its weight goes from -2 to 2; at 0, the default, pictures are those without it. The pipeline's
    own pictures stay as they are: the adapter is loaded and acts only while a space decodes, and
    what else is switched on in the pipeline acts as before.

    The strength of an adapter is one for a whole network. So rows of a batch are decoded one weight
    at a time: a grid of five weights takes as long as five batches, while rows of one weight go
    together.

    Parameters
    ----------
    pipe : diffusers.DiffusionPipeline
        The pipeline. It is changed, and nothing is returned.
    name : str
        The name of the condition, and of the adapter in the pipeline.
    path : path-like, optional
        The file or the folder of the adapter. If None, the pipeline has an adapter of that name.
        The same path again does nothing.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the name is a condition of the pipeline already, or the file is no adapter for it.
    MissingExtraError
        If diffusers or peft is not installed.

    Warns
    -----
    UserWarning
        If the adapter changes nothing.

    Notes
    -----
    A space of the autoencoder has no such condition: adapters are parts of the network that
    denoises, and of text encoders. In a space of prompts, these are embedded without the adapters.

    References
    ----------
    Gandikota et al. 2023, "Concept sliders: LoRA adaptors for precise control in diffusion models"
    (arXiv 2311.12092).

    Examples
    --------
    >>> import diffusers, peft
    >>> import latentwidgets as lw
    >>> unet = diffusers.UNet2DModel(
    ...     sample_size=8, in_channels=1, out_channels=1, norm_num_groups=8,
    ...     block_out_channels=(8, 16), layers_per_block=1, attention_head_dim=8,
    ...     down_block_types=("DownBlock2D", "AttnDownBlock2D"),
    ...     up_block_types=("AttnUpBlock2D", "UpBlock2D"))
    >>> pipe = diffusers.DDIMPipeline(unet=unet, scheduler=diffusers.DDIMScheduler())
    >>> config = peft.LoraConfig(r=2, target_modules=["to_q", "to_v"], init_lora_weights=False)
    >>> _ = peft.inject_adapter_in_model(config, pipe.unet, "age")
    >>> lw.lora_condition(pipe, "age")  # of a file: lw.lora_condition(pipe, "age", path)
    >>> space = lw.as_space(pipe)
    >>> list(space.conditions)
    ['steps', 'age']
    >>> space.decode(space.sample(3), {"age": [-2.0, 0.0, 2.0], "steps": 4}).shape
    (3, 8, 8, 1)
    """
    if not isinstance(name, str):
        raise LatentTypeError(f"name is {brief(name)}; expected a text.")
    name = check_text(name, "name")
    if "." in name:
        raise LatentValueError(
            f"name is {brief(name)}; expected a text without a dot, which a name within a "
            "network cannot have."
        )
    file = None if path is None else located(path)
    for needed in ("diffusers", "peft"):
        if importlib.util.find_spec(needed) is None:
            raise MissingExtraError("diffusion", "lw.lora_condition")
    from latentwidgets.adapters.diffusers.lora_files import add

    add(pipe, name, file)
