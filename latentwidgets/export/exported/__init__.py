"""What a film, a figure, copied code or a page shows of a route: one file a class of routes."""
