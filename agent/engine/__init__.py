"""Joins store, browser, pages and evidence: passes over cases, safe acts, lanes."""
