"""What the LatentMap is made of, beside the widget itself."""
