"""Real venues through ccxt: guarded, decoded by our own types, one adapter an account."""
