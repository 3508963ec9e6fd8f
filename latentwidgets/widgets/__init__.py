"""The widgets: one a file; base.py holds what all share."""
