"""Prometheus and Grafana on the leader (contract page 12, section 4.12)."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from app.resource.probes import PROBE_TIMEOUT

logger = logging.getLogger(__name__)

PEER_METRICS_PORT = 9091
NODE_EXPORTER_PORT = 9100
SERVICE_TIMEOUT = 30
SETTLE_SECONDS = 2
STOP_TIMEOUT = 10
FEDERATION = (
    ("100.97.104.89:9090", "lambda-2xh100"),
    ("100.105.151.58:9090", "mac-studio"),
    ("100.120.69.5:9090", "lambda-h100"),
)
FEDERATED_SERIES = ('{job=~"ringrift.*"}', '{job="node_exporter"}', '{__name__=~".*_total|.*_seconds|.*_bytes"}')
LEADER_JOBS = (
    ("ringrift-unified-loop", "localhost:9091", "15s"), ("ringrift-elo-metrics", "localhost:9092", "30s"),
    ("ringrift-data-quality", "localhost:9093", "60s"),
)


@dataclass(frozen=True)
class MonitoredPeer:
    """A healthy peer to scrape."""

    node_id: str
    host: str


def _target(address: str, label: str) -> str:
    """One scrape target with its label line."""
    return f"      - targets: ['{address}']\n        labels:\n          {label}\n"


def _job(name: str, body: str) -> str:
    """One scrape job."""
    return f"\n  - job_name: '{name}'\n{body}"


def prometheus_config(node_id: str, peers: list[MonitoredPeer]) -> str:
    """The configuration as the cluster has always written it, including labels Prometheus rejects."""
    own = f'node="{node_id}", role="leader"'
    static = "    static_configs:\n"

    def peer_job(peer_port: int, own_address: str) -> str:
        targets = "".join(_target(f"{peer.host}:{peer_port}", f'node="{peer.node_id}"') for peer in peers)
        return static + targets + _target(own_address, own)

    leader = "instance: 'leader'"
    head = (
        "\nglobal:\n  scrape_interval: 15s\n  evaluation_interval: 15s\n  external_labels:\n"
        f"    monitor: 'ringrift-p2p-monitor'\n    leader_node: '{node_id}'\n\nrule_files:\n\nscrape_configs:"
    )
    matches = "".join(f"        - '{series}'\n" for series in FEDERATED_SERIES)
    federated = "".join(_target(a, f'source_node="{name}"') for a, name in FEDERATION if name != node_id)
    federation = (
        f"    honor_labels: true\n    metrics_path: '/federate'\n    params:\n      'match[]':\n{matches}{static}"
        f"{federated}    scrape_interval: 30s\n    scrape_timeout: 25s\n"
    )
    return "".join((
        head,
        _job("prometheus", static + _target("localhost:9090", leader)),
        _job("ringrift-p2p", peer_job(PEER_METRICS_PORT, "localhost:8770")),
        _job("node_exporter", peer_job(NODE_EXPORTER_PORT, "localhost:9100")),
        *(_job(name, f"{static}{_target(address, leader)}    scrape_interval: {every}\n")
          for name, address, every in LEADER_JOBS),
        _job("prometheus-federation", federation),
    ))


class MonitoringManager:
    """Writes the Prometheus configuration and starts the services, through systemd or itself. Blocks while it does."""

    def __init__(self, node_id: str, config_dir: Path, prometheus_port: int = 9090) -> None:
        self.node_id = node_id
        self.config_dir = config_dir
        self.prometheus_port = prometheus_port
        self.peers: list[MonitoredPeer] = []
        self.is_running = False
        self._process: subprocess.Popen[bytes] | None = None

    def update_peers(self, peers: list[MonitoredPeer]) -> None:
        """Peers to scrape from the next start on."""
        self.peers = peers

    def start_as_leader(self) -> bool:
        """Whether Prometheus runs afterwards; Grafana is tried too."""
        if self.is_running:
            logger.info("[Monitoring] Services already running on %s", self.node_id)
            return True
        logger.info("[Monitoring] Starting services on leader %s", self.node_id)
        try:
            self._write_config()
            started = self._start_service("prometheus", "Prometheus") or self._start_process()
            self._start_grafana()
        except Exception as error:
            logger.error("[Monitoring] Failed to start services: %s", error)
            return False
        self.is_running = started
        if started:
            logger.info("[Monitoring] Services started successfully on %s", self.node_id)
        else:
            logger.warning("[Monitoring] Failed to start services on %s", self.node_id)
        return started

    def stop(self) -> None:
        """End our own Prometheus; services of systemd go on."""
        logger.info("[Monitoring] Stopping services on %s", self.node_id)
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._process = None
        self.is_running = False
        logger.info("[Monitoring] Services stopped on %s", self.node_id)

    def _write_config(self) -> None:
        """Replace the configuration file in one step."""
        self.config_dir.mkdir(parents=True, exist_ok=True)
        path, draft = self.config_dir / "prometheus.yml", self.config_dir / "prometheus.tmp"
        draft.write_text(prometheus_config(self.node_id, self.peers))
        draft.rename(path)
        logger.info("[Monitoring] Wrote Prometheus config to %s", path)

    def _start_service(self, unit: str, name: str) -> bool:
        """Whether systemd started a unit."""
        try:
            done = subprocess.run(["sudo", "systemctl", "start", unit], capture_output=True, timeout=SERVICE_TIMEOUT)
        except Exception as error:
            logger.debug("[Monitoring] systemd %s not available: %s", name.lower(), error)
            return False
        if done.returncode == 0:
            logger.info("[Monitoring] Started %s via systemd", name)
        return done.returncode == 0

    def _start_process(self) -> bool:
        """Whether a Prometheus of our own stays up."""
        usual = [path for path in ("/usr/local/bin/prometheus", "/usr/bin/prometheus") if os.path.exists(path)]
        binary = shutil.which("prometheus") or next(iter(usual), None)
        if not binary:
            logger.warning("[Monitoring] Prometheus binary not found")
            return False
        argv = [binary, f"--config.file={self.config_dir / 'prometheus.yml'}",
                "--storage.tsdb.path=/var/lib/prometheus", f"--web.listen-address=0.0.0.0:{self.prometheus_port}",
                "--storage.tsdb.retention.time=7d"]
        try:
            process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError as error:
            logger.error("[Monitoring] Failed to start Prometheus process: %s", error)
            return False
        time.sleep(SETTLE_SECONDS)
        if process.poll() is not None:
            return False
        self._process = process
        logger.info("[Monitoring] Started Prometheus process (PID %s)", process.pid)
        return True

    def _start_grafana(self) -> None:
        """Start Grafana, or see whether it runs already."""
        if self._start_service("grafana-server", "Grafana"):
            return
        try:
            running = subprocess.run(["pgrep", "-f", "grafana"], capture_output=True, timeout=PROBE_TIMEOUT)
        except Exception:
            running = None
        if running is not None and running.returncode == 0:
            logger.info("[Monitoring] Grafana is already running")
        else:
            logger.warning("[Monitoring] Grafana not running and systemd start failed")
