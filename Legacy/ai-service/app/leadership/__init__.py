"""Voters, leases, elections."""
