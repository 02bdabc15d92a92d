"""Peers: addresses, heartbeats, reachability."""
