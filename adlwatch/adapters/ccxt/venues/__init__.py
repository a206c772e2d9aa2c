"""One module (or package) a venue: the endpoints it may call, its raw types, and pure parsers into our words."""
