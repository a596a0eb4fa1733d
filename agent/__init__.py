"""The controller of closewright: domain, browser, store, engine, faces."""

__version__ = "0.1.0"
