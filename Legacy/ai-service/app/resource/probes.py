"""Questions put to the machine: processor, memory, disk, GPU, addresses (contract page 06, sections 4.1 to 4.3)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path

PROBE_TIMEOUT = 5
FALLBACK_MEMORY_GB = 16
SELFPLAY_PATTERNS = ("run_self_play_soak.py", "run_gpu_selfplay.py", "run_hybrid_selfplay.py")
TRAINING_PATTERNS = ("train_", "train.py")


def output_of(argv: list[str], timeout: float = PROBE_TIMEOUT) -> str:
    """Output of a program that ended well; nothing when it is missing, fails or takes too long."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout)
    except Exception:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def gpu_name() -> str:
    """Name of the first GPU, ``Apple MPS`` where torch offers it, or nothing."""
    listed = output_of(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"])
    if listed:
        return listed.splitlines()[0].strip()
    mps = output_of(["python3", "-c", "import torch; print(torch.backends.mps.is_available())"], timeout=10)
    return "Apple MPS" if "True" in mps else ""


def gpu_usage() -> tuple[float, float]:
    """Highest load and highest memory use over all GPUs, in percent."""
    query = ["nvidia-smi", "--query-gpu=utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits"]
    load = memory = 0.0
    for line in output_of(query).splitlines():
        try:
            percent, used, total = (float(part) for part in line.split(","))
        except ValueError:
            continue
        load = max(load, percent)
        memory = max(memory, 100.0 * used / total) if total > 0 else memory
    return load, memory


def memory_kilobytes() -> dict[str, int]:
    """The figures of /proc/meminfo by name."""
    with open("/proc/meminfo", encoding="ascii") as meminfo:
        pairs = (line.split(":", 1) for line in meminfo)
        return {name: int(rest.split()[0]) for name, rest in pairs}


def memory_gb() -> int:
    """Installed memory in whole gigabytes."""
    try:
        return memory_kilobytes()["MemTotal"] // 1048576
    except Exception:
        return FALLBACK_MEMORY_GB


def memory_percent() -> float:
    """Memory that is not available, in percent."""
    figures = memory_kilobytes()
    available = figures.get("MemAvailable", figures.get("MemFree", 0))
    return 100.0 * (1 - available / figures["MemTotal"])


def cpu_percent() -> float:
    """The one-minute load as a share of the processors, at most 100."""
    with open("/proc/loadavg", encoding="ascii") as loadavg:
        one_minute = float(loadavg.read().split()[0])
    return min(100.0, one_minute * 100.0 / (os.cpu_count() or 1))


def disk_percent(path: str | Path) -> float:
    """Used space of the filesystem that holds ``path``, the share reserved for root counted as free."""
    usage = shutil.disk_usage(path)
    return 100.0 * usage.used / usage.total


def running_pids(patterns: tuple[str, ...]) -> set[str]:
    """Ids of processes whose command line matches any pattern; nothing without ``pgrep``."""
    found: set[str] = set()
    if not shutil.which("pgrep"):
        return found
    try:
        for pattern in patterns:
            done = subprocess.run(["pgrep", "-f", pattern], capture_output=True, text=True, timeout=PROBE_TIMEOUT)
            found.update(done.stdout.split())
    except Exception:
        pass
    return found


def process_is_gone(pid: int) -> bool:
    """Whether no process has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def local_ip() -> str:
    """The address this machine would use to reach the internet; nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("8.8.8.8", 80))
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"


def tailscale_ip() -> str:
    """The Tailscale IPv4 address, or nothing."""
    listed = output_of(["tailscale", "ip", "-4"])
    return listed.splitlines()[0].strip() if listed else ""
