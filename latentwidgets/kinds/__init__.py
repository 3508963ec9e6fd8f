"""One file a kind of output: how it is read off a model and how it is drawn."""
