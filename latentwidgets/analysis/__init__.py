"""Numbers about spaces, paths, points and directions."""
