"""Call sites of the legacy trees and the labels the Swift side draws under (Effects.identifiers).

A site is module path, dot, qualified name of the function. A site that is not named draws under its own name: two runs of
the legacy agree there, a Swift side has to use that name as its label.
"""

LABELS = {
    # The real tree.
    "scripts.p2p_orchestrator.P2POrchestrator._become_leader": "leader_lease",
    "scripts.p2p_orchestrator.P2POrchestrator._renew_leader_lease": "leader_lease",
    # The bundled one.
    "app.leadership.leases.LeaseMixin._new_lease_id": "leader_lease",
}
