"""Parts of `Interpolator`: ways that have to be found first, and the curve under the slider."""
