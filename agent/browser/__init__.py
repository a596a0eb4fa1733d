"""The browser: found, launched, walled in, looked at; knows nothing of portals or orders."""
