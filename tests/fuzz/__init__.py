"""Texts that nobody would write, read by the rule language and the YAML loader."""
