"""What a `DirectionEditor` is made of."""
