"""The node's record of itself: made at start, refreshed before it is shown to anybody (contract page 06, section 4)."""

from __future__ import annotations

import os
import time

from app.config import settings
from app.models.job import SELFPLAY_TYPES, JobType
from app.models.node import NodeInfo
from app.resource import probes
from app.resource.optimizer import shared_optimizer
from app.state.runtime import NodeState

LARGE_BOARD_MEMORY_GB = 64


class SelfInfoMixin(NodeState):
    """What this machine is and how busy it is."""

    def _detect_gpu(self) -> tuple[bool, str]:
        """Whether there is a GPU, and its name."""
        name = probes.gpu_name()
        return bool(name), name

    def _detect_memory(self) -> int:
        """Installed memory in gigabytes."""
        return probes.memory_gb()

    def _create_self_info(self) -> NodeInfo:
        """The record of a node that has just started."""
        has_gpu, gpu_name = self._detect_gpu()
        memory = self._detect_memory()
        capabilities = ["selfplay"] + (["training", "cmaes"] if has_gpu else [])
        if memory >= LARGE_BOARD_MEMORY_GB:
            capabilities.append("large_boards")
        info = NodeInfo(
            self.node_id, self.advertise_host, self.advertise_port, role=self.role, last_heartbeat=time.time(),
            cpu_count=os.cpu_count() or 0, has_gpu=has_gpu, gpu_name=gpu_name, memory_gb=memory,
            capabilities=capabilities, version=self.build_version)
        tailscale = probes.tailscale_ip()
        if tailscale and tailscale != info.host:
            info.reported_host, info.reported_port = tailscale, self.port
        return info

    def _get_resource_usage(self) -> dict[str, float]:
        """Load of processor, memory, disk and GPU in percent; a failing probe leaves the later ones at zero."""
        usage = dict.fromkeys(
            ("cpu_percent", "memory_percent", "disk_percent", "gpu_percent", "gpu_memory_percent"), 0.0)
        try:
            usage["cpu_percent"] = probes.cpu_percent()
            usage["memory_percent"] = probes.memory_percent()
            usage["disk_percent"] = probes.disk_percent(self.ringrift_path)
            usage["gpu_percent"], usage["gpu_memory_percent"] = probes.gpu_usage()
        except Exception as error:
            print(f"[P2P] Resource check error: {error}")
        return usage

    def _count_local_jobs(self) -> tuple[int, int]:
        """Selfplay and training processes on this machine, tracked or not; jobs that died are forgotten."""
        selfplay: set[str] = set()
        training: set[str] = set()
        with self.jobs_lock:
            for job in list(self.local_jobs.values()):
                if job.status != "running" or not job.pid or job.pid < 0:
                    continue
                if probes.process_is_gone(job.pid):
                    del self.local_jobs[job.job_id]
                elif job.job_type in SELFPLAY_TYPES:
                    selfplay.add(str(job.pid))
                elif job.job_type == JobType.TRAINING:
                    training.add(str(job.pid))
        selfplay |= probes.running_pids(probes.SELFPLAY_PATTERNS)
        training |= probes.running_pids(probes.TRAINING_PATTERNS)
        return len(selfplay), len(training)

    def _update_self_info(self) -> None:
        """Measure again and note the figures in the resource database. Blocks for a few child processes."""
        info = self.self_info
        for name, value in self._get_resource_usage().items():
            setattr(info, name, value)
        info.selfplay_jobs, info.training_jobs = self._count_local_jobs()
        info.role = self.role
        info.last_heartbeat = time.time()
        info.nat_blocked = self._looks_nat_blocked(info.last_heartbeat)
        if not info.nat_blocked:
            info.relay_via = ""
        elif self.leader_id and self.leader_id != self.node_id:
            info.relay_via = self.leader_id
        try:
            shared_optimizer().report(info)
        except Exception:
            pass  # the report is a courtesy; a locked or missing database must not cost a heartbeat

    def _looks_nat_blocked(self, now: float) -> bool:
        """Whether others should have reached us by now and did not."""
        if not self.known_peers and not self.peers:
            return False
        heard = self.last_inbound_heartbeat or self.start_time
        return now - heard >= settings.NAT_INBOUND_HEARTBEAT_STALE_SECONDS
