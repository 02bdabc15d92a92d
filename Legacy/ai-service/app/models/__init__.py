"""Records that travel between nodes or live in the database."""
