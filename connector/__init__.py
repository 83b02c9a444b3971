"""Attain: pull what changed, measure it, score it against targets, decide, write it back."""
