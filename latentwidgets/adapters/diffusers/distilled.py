"""Networks that were distilled to run in few steps without guidance, and how they are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from latentwidgets.common.wording import brief

if TYPE_CHECKING:
    from latentwidgets.adapters.diffusers.asking import Asker

__all__ = ["sign_of_distilling"]

# What the names of distilled networks hold.
NAMES = re.compile(r"turbo|lightning|hyper|lcm|schnell|distill|dmd", re.IGNORECASE)
# What those of networks hold of which distilling was undone.
UNDONE = re.compile(r"(de|un)[-_. ]?distill", re.IGNORECASE)


def sign_of_distilling(asker: Asker) -> str:
    """Say what tells that the network of a pipeline is run without guidance; empty if nothing does.

    Parameters
    ----------
    asker : Asker
        Knows the pipeline.

    Returns
    -------
    str
        The first half of a sentence.

    Notes
    -----
    Most pipelines say nothing of it but by the name of what they were loaded from. Flux has two
    kinds of networks: those that take a number for guidance, and those that need none. The same
    entry of a config says nothing of other families, such as QwenImage, which is not distilled.
    """
    source = str(asker.pipe.config.get("_name_or_path") or "")
    name = source.rstrip("/").rpartition("/")[2]
    if UNDONE.search(name):
        return ""
    told = NAMES.search(name)
    if told is not None:
        return f"{brief(source)} says {brief(told[0])}, and networks of that name are distilled"
    denoiser = getattr(asker.denoiser, "_orig_mod", asker.denoiser)
    network, pipe = type(denoiser).__name__, type(asker.pipe).__name__
    config = getattr(denoiser, "config", None)
    if (
        "flux" in f"{network} {pipe}".lower()
        and getattr(config, "guidance_embeds", None) is False
        and getattr(asker.takes.get("true_cfg_scale"), "default", None) == 1
    ):
        return (
            f"the {network} of {pipe} was made without guidance_embeds and may be distilled, as "
            "FLUX.1-schnell is"
        )
    return ""
