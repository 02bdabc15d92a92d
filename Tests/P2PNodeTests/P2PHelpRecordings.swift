/// What the real program printed for `--help` with these values of `COLUMNS` (contract 01 section 2.1 has 80).
enum P2PHelpRecordings {
    static let at25 = #"""
        usage: p2p_orchestrator.py
               [-h] --node-id
               NODE_ID
               [--host HOST]
               [--port PORT]
               [--advertise-host ADVERTISE_HOST]
               [--advertise-port ADVERTISE_PORT]
               [--peers PEERS]
               [--relay-peers RELAY_PEERS]
               [--ringrift-path RINGRIFT_PATH]
               [--auth-token AUTH_TOKEN]
               [--require-auth]
               [--storage-type {disk,ramdrive}]

        P2P Orchestrator for
        RingRift cluster

        options:
          -h, --help
            show this help
            message and exit
          --node-id NODE_ID
            Unique identifier
            for this node
          --host HOST
            Host to bind to
          --port PORT
            Port to listen on
          --advertise-host ADVERTISE_HOST
            Host to advertise
            to peers (or set RI
            NGRIFT_ADVERTISE_HO
            ST)
          --advertise-port ADVERTISE_PORT
            Port to advertise
            to peers (or set RI
            NGRIFT_ADVERTISE_PO
            RT)
          --peers PEERS
            Comma-separated
            list of known peers
            (host[:port] or htt
            p(s)://host[:port])
          --relay-peers RELAY_PEERS
            Comma-separated
            list of peers to
            use relay
            heartbeats with
            (for NAT-blocked
            nodes)
          --ringrift-path RINGRIFT_PATH
            Path to RingRift
            installation
          --auth-token AUTH_TOKEN
            Shared auth token
            (or set RINGRIFT_CL
            USTER_AUTH_TOKEN)
          --require-auth
            Require auth token
            to be set
          --storage-type {disk,ramdrive}
            Storage type:
            'disk' (default) or
            'ramdrive'
            (/dev/shm for disk-
            constrained
            instances)

        """#

    static let at132 = #"""
        usage: p2p_orchestrator.py [-h] --node-id NODE_ID [--host HOST] [--port PORT] [--advertise-host ADVERTISE_HOST]
                                   [--advertise-port ADVERTISE_PORT] [--peers PEERS] [--relay-peers RELAY_PEERS]
                                   [--ringrift-path RINGRIFT_PATH] [--auth-token AUTH_TOKEN] [--require-auth]
                                   [--storage-type {disk,ramdrive}]

        P2P Orchestrator for RingRift cluster

        options:
          -h, --help            show this help message and exit
          --node-id NODE_ID     Unique identifier for this node
          --host HOST           Host to bind to
          --port PORT           Port to listen on
          --advertise-host ADVERTISE_HOST
                                Host to advertise to peers (or set RINGRIFT_ADVERTISE_HOST)
          --advertise-port ADVERTISE_PORT
                                Port to advertise to peers (or set RINGRIFT_ADVERTISE_PORT)
          --peers PEERS         Comma-separated list of known peers (host[:port] or http(s)://host[:port])
          --relay-peers RELAY_PEERS
                                Comma-separated list of peers to use relay heartbeats with (for NAT-blocked nodes)
          --ringrift-path RINGRIFT_PATH
                                Path to RingRift installation
          --auth-token AUTH_TOKEN
                                Shared auth token (or set RINGRIFT_CLUSTER_AUTH_TOKEN)
          --require-auth        Require auth token to be set
          --storage-type {disk,ramdrive}
                                Storage type: 'disk' (default) or 'ramdrive' (/dev/shm for disk-constrained instances)

        """#
}
