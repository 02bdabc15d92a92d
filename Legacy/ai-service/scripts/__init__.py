"""Entry points of the bundled test double."""
