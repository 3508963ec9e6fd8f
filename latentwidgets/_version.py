"""The version of the package, for every part to read."""

__version__ = "0.1.0"
