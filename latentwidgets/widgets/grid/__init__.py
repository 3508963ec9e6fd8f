"""What the LatentGrid is made of, beside the widget itself."""
