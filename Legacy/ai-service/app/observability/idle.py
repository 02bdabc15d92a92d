"""What the status page says of subsystems this double does not have: the figures of a node that never used them.

Recorded on an idle node of the original; see the README for what is left out.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from app.models.job import ClusterJob, JobType
from app.state.runtime import NodeState


class IdleSectionsMixin(NodeState):
    """Sections of GET /status in the order they appear, before and after the vote on the leader."""

    def _get_diversity_metrics(self) -> dict[str, Any]:
        """Counters of played games with the figures derived from them."""
        metrics = self.diversity_metrics
        by_mode = metrics["games_by_engine_mode"]
        total = sum(by_mode.values())
        games = metrics["asymmetric_games"] + metrics["symmetric_games"]
        return {
            **metrics,
            "uptime_seconds": time.time() - metrics["last_reset"],
            "asymmetric_ratio": metrics["asymmetric_games"] / games if games else 0.0,
            "engine_mode_distribution": {mode: count / total for mode, count in by_mode.items()} if total else {},
        }

    def _sections_before_consensus(self) -> dict[str, Any]:
        """Gossip, transfers, training, ratings and recovery."""
        return {
            "gossip_metrics": {
                "message_sent": 0, "message_received": 0, "state_updates": 0, "anti_entropy_repairs": 0,
                "stale_states_detected": 0, "avg_latency_ms": 0, "compression_ratio": 0, "bytes_saved_kb": 0.0,
            },
            "p2p_sync_metrics": {},
            "distributed_training": self._get_distributed_training_summary(),
            "cluster_elo": {"top_models": [], "total_unique_models": 0},
            "node_recovery": {"total_attempts": 0, "successes": 0, "failures": 0, "nodes_in_cooldown": 0},
        }

    def _sections_after_consensus(self) -> dict[str, Any]:
        """Reputation, sync intervals, tournaments and deduplication."""
        return {
            "peer_reputation": {"most_reliable": [], "peers_tracked": 0},
            "sync_intervals": {
                "data_interval": 450, "model_interval": 270, "training_db_interval": 900, "activity_factor": 1.5,
                "data_streak": {"success": 0, "failure": 0}, "model_streak": {"success": 0, "failure": 0},
            },
            "tournament_scheduling": {
                "pending_proposals": 0, "approved_proposals": 0, "active_tournaments": 0, "enabled": True,
            },
            "data_dedup": {
                "files_skipped": 0, "games_skipped": 0, "bytes_saved_mb": 0.0, "known_file_hashes": 0,
                "known_game_ids": 0,
            },
        }

    def _get_distributed_training_summary(self) -> dict[str, Any]:
        """Configurations this node trains; it hears of no others."""
        with self.jobs_lock:
            trained = Counter(self._config_key(job) for job in self.local_jobs.values() if self._is_training(job))
        return {
            "active_configs": list(trained),
            "total_training_jobs": len(trained),
            "configs_by_node_count": {config: 1 for config in trained},
        }

    @staticmethod
    def _is_training(job: ClusterJob) -> bool:
        """Whether a job trains right now."""
        return job.job_type == JobType.TRAINING and job.status == "running"

    @staticmethod
    def _config_key(job: ClusterJob) -> str:
        """Board and players of a job as one word."""
        return f"{job.board_type}_{job.num_players}p"
