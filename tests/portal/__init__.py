"""The mock portal, tested as an instrument."""
