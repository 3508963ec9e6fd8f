"""Decoders as spaces of latents: the only part that touches a model."""
