"""Compiling rules to a two-rail Horn program, and observing what a profile settles of it."""
