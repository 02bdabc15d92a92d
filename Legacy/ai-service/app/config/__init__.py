"""Settings, paths and the identity of a node."""
