"""Keys of single things that a person's DEK seals: of a courier's track, of a picture."""
