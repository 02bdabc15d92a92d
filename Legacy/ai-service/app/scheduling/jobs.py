"""Self-play jobs of this machine: starting them and telling of them (contract page 06, sections 3.14, 3.16, 4.6 and 7.1)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

from app.models.job import ClusterJob, JobType
from app.state.store import StoreMixin

SOAK_MODES = frozenset(
    "descent-only mixed random-only heuristic-only minimax-only mcts-only nn-only best-vs-pool nn-vs-mcts nn-vs-minimax "
    "nn-vs-descent tournament-varied heuristic-vs-nn heuristic-vs-mcts random-vs-mcts".split())
GAMES = {"square19": 200, "hexagonal": 100}


class JobsMixin(StoreMixin):
    """What a node does with jobs of its own. No spawn limits and no safeguards: this is a double."""

    def _start_local_job(
        self, job_type: JobType, board_type: str = "square8", num_players: int = 2, engine_mode: str = "descent-only",
        job_id: str | None = None,
    ) -> ClusterJob | None:
        """Start a self-play program with its output in a file; a running job of that name is given back."""
        try:
            with self.jobs_lock:
                running = self.local_jobs.get(job_id) if job_id else None
                if running is not None and running.status == "running":
                    return running
            job_id = str(job_id) if job_id else uuid.uuid4().hex[:8]
            if job_type is not JobType.SELFPLAY:
                return None
            mode = engine_mode if engine_mode in SOAK_MODES else "nn-only"
            pid = self._spawn_selfplay(job_id, board_type, num_players, mode)
            job = ClusterJob(job_id, job_type, self.node_id, board_type, num_players, mode, pid, time.time())
            with self.jobs_lock:
                self.local_jobs[job_id] = job
            print(f"[P2P] Started {job_type.value} job {job_id} (PID {pid})")
            self._save_state()
            return job
        except Exception as error:
            print(f"[P2P] Failed to start job: {error}")
            return None

    def _spawn_selfplay(self, job_id: str, board_type: str, num_players: int, mode: str) -> int:
        tree = f"{self.ringrift_path}/ai-service"
        folder = Path(tree, "data", "selfplay", "p2p", f"{board_type}_{num_players}p", job_id)
        folder.mkdir(parents=True, exist_ok=True)
        own = Path(tree, "venv", "bin", "python")
        argv = [
            str(own) if own.exists() else "python3", f"{tree}/scripts/run_self_play_soak.py",
            "--num-games", str(GAMES.get(board_type, 1000)), "--board-type", board_type,
            "--num-players", str(num_players), "--engine-mode", mode, "--max-moves", "10000",
            "--log-jsonl", str(folder / "games.jsonl"), "--summary-json", str(folder / "summary.json"),
            "--record-db", str(folder / "games.db"), "--lean-db", "--verbose", "0"]
        if board_type in GAMES:
            argv.append("--memory-constrained")
        environment = {
            **os.environ, "PYTHONPATH": tree, "RINGRIFT_SKIP_SHADOW_CONTRACTS": "true",
            "RINGRIFT_JOB_ORIGIN": "p2p_orchestrator"}
        with open(folder / "run.log", "a") as log:
            return subprocess.Popen(
                argv, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=self.ringrift_path).pid

    def _signal_job(self, job: ClusterJob, number: signal.Signals, status: str) -> None:
        """Signal the job's process, then note the new status; `OSError` when there is no such process."""
        os.kill(job.pid, number)
        job.status = status

    @staticmethod
    def _job_row(job: ClusterJob) -> dict[str, Any]:
        """A job as lists show it."""
        return {
            "job_id": job.job_id, "job_type": job.job_type.value, "status": job.status, "assigned_to": job.node_id,
            "created_at": job.started_at, "board_type": job.board_type, "num_players": job.num_players,
            "category": "local"}
