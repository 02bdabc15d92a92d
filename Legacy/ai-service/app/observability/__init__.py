"""What an operator sees of a node."""
