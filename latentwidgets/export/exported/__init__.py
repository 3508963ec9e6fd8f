"""How each class of route leaves the notebook: one file a class, and one table of them."""
