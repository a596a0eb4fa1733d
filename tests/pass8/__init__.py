"""Scripted scenarios over pairwise combinations of skin and fault, each eight times in a row: ``scripts/pass8``."""
