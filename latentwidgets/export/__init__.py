"""What leaves the notebook. Knows nothing of widgets, so that a script can use it."""
