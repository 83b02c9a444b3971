"""What people type. One small file per family of commands."""
