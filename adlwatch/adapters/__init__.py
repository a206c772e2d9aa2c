"""Everything that touches a venue, a file or a simulation. Nothing venue-shaped leaves this package."""
