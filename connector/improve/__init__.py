"""The loop around the loop: ops' own tests of their rules."""
