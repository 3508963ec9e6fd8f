"""What the LatentExplorer is made of, beside the widget itself."""
