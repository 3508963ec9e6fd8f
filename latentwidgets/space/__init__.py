"""Decoders as spaces of latents: the part that runs a model.

`latent_space` is what people hold. `model` decodes for it, and reads what comes: `functions` calls
the decoder, and `batches` fits it into memory.
"""
