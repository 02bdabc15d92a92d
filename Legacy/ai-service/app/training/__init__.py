"""Improvement cycles of the training subsystem."""
