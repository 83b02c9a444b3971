"""Promises held by judges that we did not write: independent clients, and contracts every adapter must keep."""
