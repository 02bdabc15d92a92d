"""Routes of local jobs: start, stop, kill, list, show, cancel (contract page 06, sections 3.1 to 3.3 and 3.14 to 3.17)."""

from __future__ import annotations

import signal
from typing import Any

from aiohttp import web

from app.models.job import JobType
from app.models.node import NodeRole
from app.scheduling.jobs import JobsMixin


def failure(status: int, text: str, **more: Any) -> web.Response:
    """A refusal with its text."""
    return web.json_response({"success": False, "error": text, **more}, status=status)


class JobHandlersMixin(JobsMixin):
    """What others ask of our jobs. Self-play only, and nothing is passed on to a leader."""

    async def handle_start_job(self, request: web.Request) -> web.Response:
        """POST /start_job."""
        try:
            body = await request.json()
            job = self._start_local_job(
                JobType(body.get("job_type")), body.get("board_type", "square8"), body.get("num_players", 2),
                body.get("engine_mode", "descent-only"), body.get("job_id"))
            if job is None:
                return failure(500, "Failed to start job")
            return web.json_response({"success": True, "job": job.to_dict()})
        except Exception as error:
            return web.json_response({"error": str(error)}, status=400)

    async def handle_stop_job(self, request: web.Request) -> web.Response:
        """POST /stop_job: SIGTERM; that there is no process is no failure."""
        try:
            job = self.local_jobs.get((await request.json()).get("job_id"))
            if job is None:
                return failure(404, "Job not found")
            try:
                self._signal_job(job, signal.SIGTERM, "stopped")
            except Exception:
                pass
            return web.json_response({"success": True})
        except Exception as error:
            return web.json_response({"error": str(error)}, status=400)

    async def handle_job_kill(self, request: web.Request) -> web.Response:
        """POST /job/kill: SIGKILL to a job by its id; kinds of jobs are not looked for here."""
        try:
            body = await request.json()
            job_id, reason, killed = body.get("job_id"), body.get("reason", "unknown"), 0
            job = self.local_jobs.get(job_id) if job_id else None
            if job is not None:
                try:
                    self._signal_job(job, signal.SIGKILL, "killed")
                    killed = 1
                    print(f"[P2P] Killed job {job_id} (pid {job.pid}): {reason}")
                except Exception as error:
                    print(f"[P2P] Failed to kill job {job_id}: {error}")
            return web.json_response({"success": killed > 0, "killed": killed, "reason": reason})
        except Exception as error:
            return web.json_response({"error": str(error)}, status=400)

    async def handle_api_jobs_list(self, request: web.Request) -> web.Response:
        """GET /api/jobs, newest first."""
        try:
            wanted, status = request.query.get("type"), request.query.get("status")
            limit = int(request.query.get("limit", "100"))
            rows = [self._job_row(job) for job in list(self.local_jobs.values())
                    if (not wanted or job.job_type.value == wanted) and (not status or job.status == status)]
            rows = sorted(rows, key=lambda row: row["created_at"], reverse=True)[:limit]
            return web.json_response({"success": True, "jobs": rows, "total": len(rows)})
        except Exception as error:
            return failure(500, str(error))

    async def handle_api_job_get(self, request: web.Request) -> web.Response:
        """GET /api/jobs/{job_id}."""
        job_id = request.match_info["job_id"]
        job = self.local_jobs.get(job_id)
        if job is None:
            return failure(404, f"Job {job_id} not found")
        shown = {**self._job_row(job), "engine_mode": job.engine_mode, "pid": job.pid}
        shown["category"] = shown.pop("category")
        return web.json_response({"success": True, "job": shown})

    async def handle_api_job_cancel(self, request: web.Request) -> web.Response:
        """POST /api/jobs/{job_id}/cancel, on the leader."""
        job_id = request.match_info["job_id"]
        if self.role != NodeRole.LEADER:
            return failure(400, "Not the leader")
        job = self.local_jobs.get(job_id)
        if job is None:
            return failure(404, f"Job {job_id} not found")
        try:
            self._signal_job(job, signal.SIGTERM, "stopped")
        except Exception:
            job.status = "stopped"
        self._save_state()
        return web.json_response({"success": True, "message": f"Job {job_id} stopped"})
