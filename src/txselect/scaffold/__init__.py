"""Packs, rules and cases to begin with: complete, loading and passing from the start."""
