"""From coordinates to latents: paths, grids, edits, projections. Nothing here decodes or draws."""
