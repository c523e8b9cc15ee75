"""Measured figures: what `make bench` prints, always beside something else measured in the same run."""
