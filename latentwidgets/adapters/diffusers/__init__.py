"""Pipelines of diffusers as latent spaces. See `space` for what a pipeline makes, and of what."""

from latentwidgets.adapters.diffusers import space  # noqa: F401 (registers pipelines)
