"""From coordinates to latents: paths, grids, edits, projections. Nothing here decodes or draws.

``route.py`` says what a route is. A page that decodes by itself does the same sums in
``js/src/decode_in_page/routes.js``, from the numbers that ``plan.py`` writes.
"""
