"""The decision engine: an obligation goes in, one verdict with its evidence comes out."""
