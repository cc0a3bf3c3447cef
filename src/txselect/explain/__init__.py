"""Explanations and renderings, read off a decision and its derivation."""
