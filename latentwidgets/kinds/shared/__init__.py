"""What all kinds have in common: what a kind has to give, the table of them, figures."""
