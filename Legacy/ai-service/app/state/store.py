"""Loading and saving what survives a restart (contract page 01, sections 6.2 and 6.3)."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from app.leadership.voters import VoterMixin, split_ids
from app.models.job import ClusterJob, JobType
from app.models.node import NodeInfo, NodeRole
from app.state.schema import STATE_SCHEMA
from app.state.sqlite import connection, create_schema

_JOB_COLUMNS = "job_id, job_type, node_id, board_type, num_players, engine_mode, pid, started_at, status"
_UPSERT_PEER = "INSERT OR REPLACE INTO peers (node_id, host, port, last_heartbeat, info_json) VALUES (?, ?, ?, ?, ?)"
_UPSERT_JOB = f"INSERT OR REPLACE INTO jobs ({_JOB_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_UPSERT_STATE = "INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)"


def _number(text: str) -> float | None:
    """The number in a saved text, or nothing when it is not one."""
    try:
        return float(text)
    except ValueError:
        return None


class StoreMixin(VoterMixin):
    """The node's own database."""

    def _init_database(self) -> None:
        """Create the tables. An unusable file ends the start."""
        create_schema(self.db_path, STATE_SCHEMA)

    def _load_state(self) -> None:
        """Take over peers, running jobs and leadership of the previous run."""
        try:
            with connection(self.db_path) as database:
                self._load_peers(database)
                self._load_jobs(database)
                self._load_leadership(dict(database.execute("SELECT key, value FROM state")))
            if self.role == NodeRole.LEADER and not self.leader_id:
                print("[P2P] Loaded role=leader but leader_id is empty; stepping down to follower")
                self.role = NodeRole.FOLLOWER
                self.leader_lease_id, self.leader_lease_expires, self.last_lease_renewal = "", 0.0, 0.0
            print(f"[P2P] Loaded state: {len(self.peers)} peers, {len(self.local_jobs)} jobs")
        except Exception as error:
            print(f"[P2P] Failed to load state: {error}")

    def _load_peers(self, database: sqlite3.Connection) -> None:
        """Every readable peer but ourselves, under the id of its row."""
        for node_id, text in database.execute("SELECT node_id, info_json FROM peers"):
            if node_id == self.node_id:
                continue
            try:
                self.peers[node_id] = NodeInfo.from_dict(json.loads(text))
            except Exception as error:
                print(f"[P2P] Failed to load peer {node_id}: {error}")

    def _load_jobs(self, database: sqlite3.Connection) -> None:
        """Jobs that ran when the state was saved; one of an unknown type ends the whole load."""
        for row in database.execute(f"SELECT {_JOB_COLUMNS} FROM jobs WHERE status = 'running'"):
            job = ClusterJob(row[0], JobType(row[1]), *row[2:])
            self.local_jobs[job.job_id] = job

    def _load_leadership(self, saved: dict[str, Any]) -> None:
        """Leadership, lease, grant and voters; empty and unreadable values are passed over."""
        for key in ("leader_id", "leader_lease_id", "voter_grant_leader_id", "voter_grant_lease_id"):
            if saved.get(key):
                setattr(self, key, saved[key])
        for key in ("leader_lease_expires", "last_lease_renewal", "voter_grant_expires"):
            number = _number(saved[key]) if saved.get(key) else None
            if number is not None:
                setattr(self, key, number)
        if saved.get("role") in {role.value for role in NodeRole}:
            self.role = NodeRole(saved["role"])
        if saved.get("voter_node_ids") and not self.voter_node_ids and self.voter_config_source == "none":
            self._maybe_adopt_voter_node_ids(self._saved_voters(saved["voter_node_ids"]), source="state")

    @staticmethod
    def _saved_voters(text: str) -> list[str]:
        """Voters from a saved JSON array or, from older versions, a comma list."""
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        return split_ids(value)

    def _save_state(self) -> None:
        """Write peers, jobs and leadership in one transaction. A failure is told, never raised."""
        try:
            with connection(self.db_path) as database:
                database.execute("DELETE FROM peers WHERE node_id = ?", (self.node_id,))
                with self.peers_lock:
                    self._save_peers(database)
                with self.jobs_lock:
                    self._save_jobs(database)
                for row in self._leadership_rows():
                    database.execute(_UPSERT_STATE, row)
        except Exception as error:
            print(f"[P2P] Failed to save state: {error}")

    def _save_peers(self, database: sqlite3.Connection) -> None:
        """One row for each peer in memory; the own record is never written."""
        for node_id, info in self.peers.items():
            if node_id == self.node_id:
                continue
            row = (node_id, info.host, info.port, info.last_heartbeat, json.dumps(info.to_dict()))
            database.execute(_UPSERT_PEER, row)

    def _save_jobs(self, database: sqlite3.Connection) -> None:
        """One row for each local job, whatever its status."""
        for job in self.local_jobs.values():
            row = (job.job_id, job.job_type.value, job.node_id, job.board_type, job.num_players, job.engine_mode,
                   job.pid, job.started_at, job.status)
            database.execute(_UPSERT_JOB, row)

    def _leadership_rows(self) -> list[tuple[str, Any]]:
        """The ten state rows in the order they are written."""
        return [
            ("leader_id", self.leader_id),
            ("leader_lease_id", self.leader_lease_id),
            ("leader_lease_expires", str(float(self.leader_lease_expires or 0.0))),
            ("last_lease_renewal", str(float(self.last_lease_renewal or 0.0))),
            ("role", self.role.value),
            ("voter_node_ids", json.dumps(sorted(set(self.voter_node_ids or [])))),
            ("voter_config_source", self.voter_config_source),
            ("voter_grant_leader_id", self.voter_grant_leader_id),
            ("voter_grant_lease_id", self.voter_grant_lease_id),
            ("voter_grant_expires", str(float(self.voter_grant_expires or 0.0))),
        ]
