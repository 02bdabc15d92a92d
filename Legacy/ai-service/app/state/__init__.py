"""In-memory state of a node and its SQLite copy."""
