"""The routes the double serves, in the order the cluster registers them."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from . import absent

ROUTES: tuple[tuple[str, str, str], ...] = (
    ("POST", "/heartbeat", "handle_heartbeat"),
    ("GET", "/status", "handle_status"),
    ("POST", "/election", "handle_election"),
    ("POST", "/election/lease", "handle_lease_request"),
    ("GET", "/election/grant", "handle_voter_grant_status"),
    ("POST", "/coordinator", "handle_coordinator"),
    ("GET", "/health", "handle_health"),
    ("POST", "/start_job", "handle_start_job"),
    ("POST", "/stop_job", "handle_stop_job"),
    ("POST", "/job/kill", "handle_job_kill"),
    ("GET", "/", "handle_root"),
    ("GET", "/dashboard", "handle_dashboard"),
    ("GET", "/api/jobs", "handle_api_jobs_list"),
    ("GET", "/api/jobs/{job_id}", "handle_api_job_get"),
    ("POST", "/api/jobs/{job_id}/cancel", "handle_api_job_cancel"),
)


def build_application(node: Any) -> web.Application:
    """The application of a node: token check, then the routes. GET answers HEAD too."""
    application = web.Application(middlewares=[node._auth_middleware()])
    for method, path, handler in ROUTES:
        add = application.router.add_get if method == "GET" else application.router.add_post
        add(path, getattr(node, handler))
    absent.register(application.router)
    return application
