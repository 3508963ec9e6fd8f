"""A pipeline of a person's own that embeds prompts in as many tokens as they have letters."""

from __future__ import annotations

from typing import Any

import diffusers
import torch
from torch import nn

WIDTH = 16


class Letters(nn.Module):
    """A text encoder: a row for each letter, which depends on its place."""

    def __init__(self) -> None:
        super().__init__()
        self.letters, self.places = nn.Embedding(128, WIDTH), nn.Embedding(200, WIDTH)

    def forward(self, prompt: str) -> Any:
        codes = torch.tensor([[ord(letter) for letter in prompt or " "]])
        return self.letters(codes) + self.places(torch.arange(codes.shape[1]))


class LettersPipeline(diffusers.DiffusionPipeline):  # type: ignore[misc]
    """Denoises pixels; passes a mask of the tokens, or none where all of them count."""

    uses_mask = True

    def __init__(self, unet: Any, scheduler: Any, text_encoder: Any) -> None:
        super().__init__()
        self.register_modules(unet=unet, scheduler=scheduler, text_encoder=text_encoder)

    @torch.no_grad()
    def __call__(
        self,
        prompt: str = "",
        negative_prompt: str = "",
        num_inference_steps: int = 10,
        guidance_scale: float = 1.0,
        latents: Any = None,
        generator: Any = None,
        output_type: str = "np",
    ) -> Any:
        embeds, nothing = self.text_encoder(prompt), self.text_encoder(negative_prompt)
        x = torch.randn(1, 1, 8, 8, generator=generator) if latents is None else latents
        self.scheduler.set_timesteps(num_inference_steps)
        for t in self.scheduler.timesteps:
            out = self.ask(x, t, embeds)
            if guidance_scale != 1:
                without = self.ask(x, t, nothing)
                out = without + guidance_scale * (out - without)
            x = self.scheduler.step(out, t, x).prev_sample
        return (x / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy()

    def ask(self, x: Any, t: Any, embeds: Any) -> Any:
        mask = {"encoder_attention_mask": None} if self.uses_mask else {}
        return self.unet(x, t, encoder_hidden_states=embeds, **mask).sample


def letters_pipeline(*, uses_mask: bool = True) -> Any:
    """Make one of random weights."""
    torch.manual_seed(0)
    unet = diffusers.UNet2DConditionModel(
        sample_size=8,
        in_channels=1,
        out_channels=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=8,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
    ).eval()
    pipe = LettersPipeline(unet, diffusers.DDIMScheduler(), Letters())
    pipe.uses_mask = uses_mask
    pipe.set_progress_bar_config(disable=True)
    return pipe
