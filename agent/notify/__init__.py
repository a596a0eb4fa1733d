"""Telling buyers and the shop's own people, outside the portal."""
