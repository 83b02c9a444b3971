"""Measurement and target in, score out: attainment, pace, rank."""
