"""Causal models of transformers as latent spaces. See `space` for what their latents are."""

from latentwidgets.adapters.transformers import space  # noqa: F401 (registers models)
