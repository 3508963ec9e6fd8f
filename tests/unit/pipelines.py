"""Tiny diffusers pipelines of random weights, made from configs: nothing is downloaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

CHANNELS = 4
BLOCKS = {"block_out_channels": (16, 32), "layers_per_block": 1, "norm_num_groups": 8}
FAMILIES = ("stable diffusion", "sdxl", "sd3", "flux", "dit", "ddpm", "ddim")
TEXTS = ("stable diffusion", "sdxl", "sd3", "flux")


def pipeline(family: str, folder: Path | None = None, **options: Any) -> Any:
    """Make a pipeline of a family. Those of `TEXTS` write their tokenizers into a folder."""
    torch.manual_seed(0)
    maker: Any = {
        "stable diffusion": _stable_diffusion,
        "sdxl": _sdxl,
        "sd3": _sd3,
        "flux": _flux,
        "dit": _dit,
        "ddpm": _pixels,
        "ddim": _pixels,
    }[family]
    if family in TEXTS:
        assert folder is not None
        made = maker(folder, **options)
    elif family in ("ddpm", "ddim"):
        made = maker(family, **options)
    else:
        made = maker(**options)
    made.set_progress_bar_config(disable=True)
    return made


def _clip_tokenizer(folder: Path) -> Any:
    """Letters are its words: a prompt of 7 letters is 7 tokens, between a start and an end."""
    letters = [chr(code) for code in range(97, 123)]
    words = [*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"]
    vocab, merges = folder / "vocab.json", folder / "merges.txt"
    vocab.write_text(json.dumps({word: i for i, word in enumerate(words)}), encoding="utf-8")
    merges.write_text("#version: 0.2\n", encoding="utf-8")
    return transformers.CLIPTokenizer(str(vocab), str(merges), model_max_length=16)


def _t5_tokenizer() -> Any:
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0)]
    pieces += [(chr(code), -2.0) for code in range(97, 123)]
    made = Tokenizer(models.Unigram(pieces, unk_id=2))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=16,
    )


def _clip(width: int = 16, kind: Any = transformers.CLIPTextModel) -> Any:
    config = transformers.CLIPTextConfig(
        vocab_size=54,
        hidden_size=width,
        intermediate_size=2 * width,
        projection_dim=width,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=16,
        bos_token_id=52,
        eos_token_id=53,
        pad_token_id=53,
    )
    return kind(config).eval()


def _t5(width: int = 32) -> Any:
    config = transformers.T5Config(
        vocab_size=30, d_model=width, d_kv=8, d_ff=32, num_layers=1, num_heads=2
    )
    return transformers.T5EncoderModel(config).eval()


def _vae(channels: int = CHANNELS, **options: Any) -> Any:
    made = diffusers.AutoencoderKL(
        in_channels=3,
        out_channels=3,
        latent_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        sample_size=16,
        **BLOCKS,
        **options,
    )
    return made.eval()


def _unet(**options: Any) -> Any:
    return diffusers.UNet2DConditionModel(
        sample_size=8,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        **BLOCKS,
        **options,
    ).eval()


def _stable_diffusion(folder: Path, *, scheduler: Any = None, **options: Any) -> Any:
    return diffusers.StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=_clip(),
        tokenizer=_clip_tokenizer(folder),
        unet=_unet(cross_attention_dim=16, attention_head_dim=4),
        scheduler=scheduler or diffusers.PNDMScheduler(skip_prk_steps=True, steps_offset=1),
        **{"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
        | options,
    )


def _sdxl(folder: Path, *, scheduler: Any = None) -> Any:
    tokenizer = _clip_tokenizer(folder)
    return diffusers.StableDiffusionXLPipeline(
        vae=_vae(),
        text_encoder=_clip(),
        tokenizer=tokenizer,
        text_encoder_2=_clip(16, transformers.CLIPTextModelWithProjection),
        tokenizer_2=tokenizer,
        unet=_unet(
            cross_attention_dim=32,
            attention_head_dim=4,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=16 + 6 * 8,
        ),
        scheduler=scheduler or diffusers.EulerDiscreteScheduler(),
    )


def _sd3(folder: Path) -> Any:
    tokenizer = _clip_tokenizer(folder)
    with_projection = transformers.CLIPTextModelWithProjection
    return diffusers.StableDiffusion3Pipeline(
        transformer=diffusers.SD3Transformer2DModel(
            sample_size=8,
            patch_size=1,
            in_channels=16,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=4,
            caption_projection_dim=32,
            joint_attention_dim=32,
            pooled_projection_dim=32,
            out_channels=16,
        ).eval(),
        vae=_vae(16, shift_factor=0.06, scaling_factor=1.5),
        text_encoder=_clip(16, with_projection),
        tokenizer=tokenizer,
        text_encoder_2=_clip(16, with_projection),
        tokenizer_2=tokenizer,
        text_encoder_3=_t5(),
        tokenizer_3=_t5_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=3.0),
    )


def _flux(folder: Path, *, guidance_embeds: bool = True) -> Any:
    return diffusers.FluxPipeline(
        transformer=diffusers.FluxTransformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            pooled_projection_dim=16,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=guidance_embeds,
        ).eval(),
        vae=_vae(CHANNELS, shift_factor=0.1159, scaling_factor=0.3611),
        text_encoder=_clip(),
        tokenizer=_clip_tokenizer(folder),
        text_encoder_2=_t5(),
        tokenizer_2=_t5_tokenizer(),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
    )


def _dit(*, channels: int = CHANNELS, size: int = 8, **options: Any) -> Any:
    return diffusers.DiTPipeline(
        transformer=diffusers.DiTTransformer2DModel(
            sample_size=size,
            in_channels=channels,
            out_channels=2 * channels,
            num_layers=2,
            attention_head_dim=8,
            num_attention_heads=2,
            num_embeds_ada_norm=1000,
            patch_size=2,
            norm_type="ada_norm_zero",
            activation_fn="gelu-approximate",
            attention_bias=True,
            norm_elementwise_affine=False,
        ).eval(),
        vae=_vae(),
        scheduler=diffusers.DDIMScheduler(),
        **options,
    )


def _pixels(
    family: str, *, classes: int | None = None, outputs: int = 1, scheduler: Any = None
) -> Any:
    unet = diffusers.UNet2DModel(
        sample_size=8,
        in_channels=1,
        out_channels=outputs,
        num_class_embeds=classes,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=4,
        **BLOCKS,
    ).eval()
    if family == "ddpm":
        return diffusers.DDPMPipeline(unet=unet, scheduler=scheduler or diffusers.DDPMScheduler())
    return diffusers.DDIMPipeline(unet=unet, scheduler=scheduler or diffusers.DDIMScheduler())
