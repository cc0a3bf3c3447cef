"""Questions that run the pipeline again on a changed profile: what if, nearest, next test."""
