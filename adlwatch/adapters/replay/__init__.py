"""Recordings: their files, and sources that answer what is in them."""
