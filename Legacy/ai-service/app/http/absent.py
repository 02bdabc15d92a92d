"""Routes of a whole node that the double does not serve: they answer 501 with a reason, so that methods and paths are known."""

from __future__ import annotations

from aiohttp import web

ABSENT = """
POST /cleanup
POST /restart_stuck_jobs
POST /reduce_selfplay
POST /selfplay/start
GET /git/status
POST /git/update
POST /register
GET /registry/status
POST /registry/update_vast
POST /registry/update_aws
POST /registry/update_tailscale
POST /registry/save_yaml
GET /connectivity/diagnose/{node_id}
GET /connectivity/transport_stats
POST /connectivity/probe_vast
POST /gauntlet/execute
GET /gauntlet/status
POST /gauntlet/quick-eval
POST /relay/heartbeat
GET /relay/peers
GET /relay/status
POST /relay/enqueue
POST /gossip
POST /gossip/anti-entropy
GET /data_manifest
GET /cluster_data_manifest
POST /refresh_manifest
POST /cmaes/start
POST /cmaes/evaluate
GET /cmaes/status
POST /cmaes/result
POST /tournament/start
POST /tournament/match
GET /tournament/status
POST /tournament/result
POST /tournament/ssh_start
GET /tournament/ssh_status
POST /tournament/ssh_cancel
POST /improvement/start
GET /improvement/status
POST /improvement/phase_complete
POST /sync/start
GET /sync/status
POST /sync/pull
GET /sync/file
POST /sync/job_update
POST /sync/training
GET /gpu/rankings
POST /cleanup/files
GET /admin/purge_retired
GET /admin/purge_stale
POST /training/start
GET /training/status
POST /training/update
POST /training/nnue/start
POST /training/cmaes/start
GET /improvement_cycles/status
GET /improvement_cycles/leaderboard
POST /improvement_cycles/training_complete
POST /improvement_cycles/evaluation_complete
GET /metrics
GET /metrics/prometheus
POST /pipeline/start
GET /pipeline/status
POST /pipeline/selfplay_worker
GET /api/cluster/status
POST /api/cluster/git/update
GET /api/selfplay/stats
GET /api/elo/leaderboard
GET /elo/table
GET /elo/history
GET /elo/sync/status
POST /elo/sync/trigger
GET /elo/sync/db
POST /elo/sync/upload
GET /nodes/table
GET /victory/table
GET /games/analytics
GET /training/metrics
GET /holdout/metrics
GET /holdout/table
GET /mcts/stats
GET /mcts/table
GET /matchups/matrix
GET /matchups/table
GET /models/lineage
GET /models/lineage/table
GET /data/quality
GET /data/quality/table
GET /data/quality/issues
GET /training/efficiency
GET /training/efficiency/table
GET /rollback/status
GET /rollback/candidates
POST /rollback/execute
POST /rollback/auto
GET /autoscale/metrics
GET /autoscale/recommendations
GET /resource/optimizer
GET /resource/history
POST /webhook/test
GET /trends/summary
GET /trends/history
GET /trends/table
POST /abtest/create
POST /abtest/result
GET /abtest/status
GET /abtest/list
POST /abtest/cancel
GET /abtest/table
POST /abtest/run
GET /api/training/status
GET /api/canonical/health
GET /api/canonical/jobs
GET /api/canonical/jobs/{job_id}
GET /api/canonical/jobs/{job_id}/log
GET /api/canonical/logs
GET /api/canonical/logs/{log_name}/tail
POST /api/canonical/generate
POST /api/canonical/jobs/{job_id}/cancel
POST /api/jobs/submit
"""


def register(router: web.UrlDispatcher) -> None:
    """Adds each absent route; a wrong method then gives 405 and an unknown path 404, as on a whole node."""
    for line in ABSENT.split("\n"):
        method, _, path = line.partition(" ")
        if method:
            (router.add_get if method == "GET" else router.add_post)(path, _refuse)


async def _refuse(request: web.Request) -> web.Response:
    reason = "the bundled legacy is a test double and does not serve this route"
    return web.json_response({"error": "not_implemented", "reason": reason, "path": request.path}, status=501)
