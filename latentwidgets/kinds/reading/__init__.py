"""What readers need: calling a model, arrays of its outputs, value ranges, shapes of pictures."""
