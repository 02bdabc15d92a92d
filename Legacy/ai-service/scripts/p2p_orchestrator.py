#!/usr/bin/env python3
"""Command line of the P2P node, and the names a cutover tool imports from it.

This is the bundled test double, not the original program: see the README beside ``scripts``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from app.config.paths import STATE_DIR
from app.config.settings import DEFAULT_PORT
from app.http.session import get_client_session
from app.models.job import ClusterJob, JobType
from app.models.node import NodeInfo, NodeRole
from app.node import P2POrchestrator
from app.observability.logs import configure_logging
from app.resource.targets import prepare_database

__all__ = [
    "DEFAULT_PORT", "STATE_DIR", "ClusterJob", "JobType", "NodeInfo", "NodeRole", "P2POrchestrator",
    "get_client_session", "main",
]

configure_logging()
STATE_DIR.mkdir(parents=True, exist_ok=True)
prepare_database()


def build_parser() -> argparse.ArgumentParser:
    """The command line. Option texts are part of the contract (data/p2p_orchestrator.help.txt)."""
    parser = argparse.ArgumentParser(description="P2P Orchestrator for RingRift cluster")
    option = parser.add_argument
    option("--node-id", required=True, help="Unique identifier for this node")
    option("--host", default="0.0.0.0", help="Host to bind to")
    option("--port", type=int, default=DEFAULT_PORT, help="Port to listen on")
    option("--advertise-host", help="Host to advertise to peers (or set RINGRIFT_ADVERTISE_HOST)")
    option("--advertise-port", type=int, help="Port to advertise to peers (or set RINGRIFT_ADVERTISE_PORT)")
    option("--peers", help="Comma-separated list of known peers (host[:port] or http(s)://host[:port])")
    option("--relay-peers",
           help="Comma-separated list of peers to use relay heartbeats with (for NAT-blocked nodes)")
    option("--ringrift-path", help="Path to RingRift installation")
    option("--auth-token", help="Shared auth token (or set RINGRIFT_CLUSTER_AUTH_TOKEN)")
    option("--require-auth", action="store_true", help="Require auth token to be set")
    option("--storage-type", choices=["disk", "ramdrive"], default="disk",
           help="Storage type: 'disk' (default) or 'ramdrive' (/dev/shm for disk-constrained instances)")
    return parser


def split_addresses(text: str | None) -> list[str]:
    """Pieces of a comma-separated option, trimmed; empty pieces stay."""
    return [piece.strip() for piece in text.split(",")] if text else []


def main() -> None:
    """Run a node until SIGINT or SIGTERM, which end it with exit code 0."""
    options = build_parser().parse_args()
    node = P2POrchestrator(
        node_id=options.node_id,
        host=options.host,
        port=options.port,
        known_peers=split_addresses(options.peers),
        relay_peers=split_addresses(options.relay_peers),
        ringrift_path=options.ringrift_path,
        advertise_host=options.advertise_host,
        advertise_port=options.advertise_port,
        auth_token=options.auth_token,
        require_auth=options.require_auth,
        storage_type=options.storage_type,
    )

    def shut_down(signum: int, frame: FrameType | None) -> NoReturn:
        print("\n[P2P] Shutting down...")
        node.running = False
        sys.exit(0)

    signal.signal(signal.SIGINT, shut_down)
    signal.signal(signal.SIGTERM, shut_down)
    asyncio.run(node.run())


if __name__ == "__main__":
    main()
