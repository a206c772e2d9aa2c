"""The pure core: no clock, no I/O, no asyncio. `now` is always an argument; `None` always means unknown, never zero."""
