"""The worker's seams on a miniature tree: requests, effects, loops, saves, signals, parents."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from support import FAKE, PYTHON, SHIM, Control, Worker, copy_tree, environment


class SeamTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = copy_tree(FAKE, pathlib.Path(folder.name) / "ai-service")

    def worker(self, **settings):
        worker = Worker(self.tree, "--node-id", "n1", **settings)
        self.addCleanup(worker.__exit__)
        return worker

    def about(self, worker, **headers):
        status, _, body = worker.http("GET", "/about", headers=headers)
        self.assertEqual(status, 200)
        return json.loads(body)

    def test_request_shows_the_client_and_hides_private_headers(self):
        worker = self.worker()
        told = self.about(worker, **{
            "X-Ringrift-Remote": "10.1.2.3", "X-Ringrift-Request": "r1", "X-RingRift-Auth": "token", "Host": "node:8770"})
        self.assertEqual(told["remote"], "10.1.2.3")
        self.assertEqual(told["host"], "node:8770")
        self.assertEqual(told["scheme"], "http")
        self.assertEqual(told["private"], ["X-RingRift-Auth"])
        self.assertEqual(told["main"], "__main__")
        self.assertEqual(told["class"], "__main__")
        self.assertEqual(told["argv"], ["scripts/p2p_orchestrator.py", "--node-id", "n1"])

    def test_access_lines_name_the_client_when_wanted(self):
        worker = self.worker(access_log=True)
        self.about(worker, **{"X-Ringrift-Remote": "10.1.2.3"})
        # The miniature configures no logging, so the class is asked directly.
        code = ("from ringrift_shim.http_seam import ForwardedAccessLogger as L; import types;"
                "print(L._format_a(types.SimpleNamespace(remote='10.1.2.3'), None, 0),"
                " L._format_a(types.SimpleNamespace(remote=None), None, 0))")
        out = subprocess.run([PYTHON, "-c", code], env=environment(self.tree), capture_output=True, text=True)
        self.assertEqual(out.stdout.split(), ["10.1.2.3", "127.0.0.1"])

    def test_contained_worker_starts_nothing(self):
        worker = self.worker()
        told = self.about(worker)
        self.assertEqual((told["role"], told["beats"]), ("follower", 0))
        stats = worker.control.ask("stats")
        self.assertFalse(any(row["started"] for row in stats["loops"].values()))

    def test_release_and_contain_switch_the_loops(self):
        worker = self.worker()
        worker.control.ask("release")
        deadline = time.monotonic() + 10
        while self.about(worker)["beats"] < 2:
            self.assertLess(time.monotonic(), deadline)
        answer = worker.control.ask("contain")
        self.assertTrue(answer["contained"])
        self.assertIn("heartbeat", answer["changed"])
        while worker.control.ask("stats")["loops"]["heartbeat"]["running"]:
            self.assertLess(time.monotonic(), deadline)
        beats = self.about(worker)["beats"]
        time.sleep(0.3)
        self.assertEqual(self.about(worker)["beats"], beats)
        self.assertEqual(worker.control.ask("release", loops=["heartbeat"])["changed"], ["heartbeat"])
        with self.assertRaisesRegex(RuntimeError, "unknown loops: nonsense"):
            worker.control.ask("release", loops=["nonsense"])

    def test_released_at_start_runs_the_tree_s_own_start(self):
        worker = self.worker(contained=False)
        self.assertEqual(self.about(worker)["role"], "leader")

    def test_effects_of_a_contained_request_are_refused_and_remembered(self):
        worker = self.worker()
        served = json.loads(worker.http("POST", "/effects")[2])
        self.assertIn("ConnectionRefusedError", served["connect"]["error"])
        self.assertEqual([served[k] for k in ("spawn", "thread", "executor", "probe")], [{"ok": 0}] * 4)
        self.assertEqual(worker.control.ask("intents")["intents"], [])
        contained = json.loads(worker.http("POST", "/effects", headers={
            "X-Ringrift-Contain": "1", "X-Ringrift-Request": "r7"})[2])
        self.assertIn("Network is unreachable", contained["connect"]["error"])
        self.assertEqual(contained["send"], {"ok": 5})
        self.assertIn("Temporary failure in name resolution", contained["resolve"]["error"])
        self.assertEqual(contained["probe"], {"ok": 0})
        for where in ("spawn", "thread", "executor"):
            self.assertIn("PermissionError", contained[where]["error"], where)
        refused = worker.control.ask("intents")
        self.assertEqual(refused["refused"], {"connect": 1, "datagram": 1, "spawn": 3, "resolve": 1})
        self.assertEqual({i["request"] for i in refused["intents"]}, {"r7"})

    def test_save_waits_for_the_store_and_takes_its_answer(self):
        worker = self.worker()
        control = worker.control

        def store(event):
            if event["reason"] == "save":
                control.send("ack", seq=event["seq"], patch={"leader_id": {"v": "n9", "b": None}})
            else:
                control.send("ack", seq=event["seq"])

        control.on_state = store
        control.ask("subscribe")
        peer = {"node_id": "p1", "host": "10.0.0.7", "port": 1, "cpu_percent": 2.0, "capabilities": ["x"]}
        status, _, _ = worker.http("POST", "/peer", json.dumps(peer), {"X-Ringrift-Request": "r8"})
        self.assertEqual(status, 200)
        event = control.event("state")
        self.assertEqual((event["reason"], event["scope"], event["request"]), ("save", "request", "r8"))
        self.assertEqual(event["patch"]["peers"], {"m": {"p1": {"v": {**peer, "role": "follower"}}}})
        state = control.ask("state.get")["attributes"]
        self.assertEqual(state["leader_id"], "n9")
        self.assertFalse(control.ask("stats")["dirty"])
        self.assertEqual(control.ask("stats")["sync"]["timeouts"], 0)

    def test_state_put_while_a_save_is_parked(self):
        worker = self.worker()
        control = worker.control
        control.ask("subscribe")
        second = Control(worker.control_path)
        self.addCleanup(second.close)

        def store(event):
            if event["reason"] == "save":
                second.ask("state.put", attributes={"leader_id": "other"})
            control.send("ack", seq=event["seq"])

        control.on_state = store
        began = time.monotonic()
        self.assertEqual(worker.http("POST", "/peer", '{"node_id": "p1", "host": "h", "port": 1}')[0], 200)
        self.assertLess(time.monotonic() - began, 4)
        control.on_state = lambda event: control.send("ack", seq=event["seq"])
        self.assertEqual(second.ask("state.get", names=["leader_id"])["attributes"], {"leader_id": "other"})

    def test_without_a_store_a_save_is_a_dirty_mark(self):
        worker = self.worker()
        worker.http("POST", "/peer", '{"node_id": "p1", "host": "h", "port": 1}')
        self.assertTrue(worker.control.ask("hello")["dirty"])
        worker.control.ask("state.get")
        self.assertFalse(worker.control.ask("hello")["dirty"])

    def test_a_lost_store_does_not_hold_the_node_up(self):
        worker = self.worker(ack_timeout=30)
        lost = Control(worker.control_path)
        lost.ask("subscribe")
        lost.on_state = lambda event: lost.close()
        began = time.monotonic()
        self.assertEqual(worker.http("POST", "/peer", '{"node_id": "p1", "host": "h", "port": 1}')[0], 200)
        self.assertLess(time.monotonic() - began, 10)
        self.assertTrue(worker.control.ask("stats")["dirty"])

    def test_exit_and_exec_become_events(self):
        worker = self.worker()
        worker.control.ask("subscribe")
        worker.control.acknowledge_all()
        for path, expected in (("/exit", {"event": "exit", "code": 3}), ("/exec", {"event": "exec"})):
            with self.assertRaises(Exception):
                worker.http("POST", path)
            event = worker.control.event(expected["event"])
            self.assertEqual({k: event[k] for k in expected}, expected)
        self.assertEqual(event["argv"][1:], ["scripts/p2p_orchestrator.py", "--node-id", "n1"])
        self.about(worker)

    def test_a_busy_loop_still_answers_control(self):
        worker = self.worker()
        connection = worker.connect(30)
        connection.request("POST", "/block?s=1.5")
        time.sleep(0.5)
        ping = worker.control.ask("ping")
        self.assertGreater(ping["loop_silent_s"], 0.2)
        self.assertIn("peers", worker.control.ask("state.get", busy=True)["attributes"])
        self.assertEqual(connection.getresponse().read(), b"done")
        connection.close()

    def test_signals_do_nothing_and_children_do_not_inherit_that(self):
        owned = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        # An embedding that keeps its own thread blocks these signals before the interpreter starts.
        worker = self.worker(before_exec=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, owned))
        for number in owned:
            worker.process.send_signal(number)
        self.about(worker)
        masks = dict(line.split(":\t") for line in worker.http("POST", "/mask")[2].decode().splitlines())
        ours = sum(1 << (n - 1) for n in owned)
        self.assertEqual([int(masks[k], 16) & ours for k in ("SigBlk", "SigIgn")], [0, 0])

    def test_shutdown_and_worker_ends_with_its_parent(self):
        worker = self.worker()
        worker.control.ask("shutdown")
        self.assertEqual(worker.process.wait(10), 0)
        self.assertFalse(os.path.exists(worker.socket))
        for how in ("pdeathsig", "poll"):
            folder = tempfile.mkdtemp()
            code = (f"import subprocess,sys,time; p=subprocess.Popen([sys.executable,'-m','ringrift_shim','worker','--tree',"
                    f"{str(self.tree)!r},'--socket','{folder}/h','--parent-watch','{how}','--','--node-id','n1']);"
                    f"print(p.pid,flush=True); time.sleep(60)")
            parent = subprocess.Popen([PYTHON, "-c", code], env=environment(self.tree), stdout=subprocess.PIPE, text=True)
            child = int(parent.stdout.readline())
            deadline = time.monotonic() + 20
            while not os.path.exists(f"{folder}/h"):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            parent.kill()
            parent.wait()
            parent.stdout.close()
            while alive(child):
                self.assertLess(time.monotonic(), deadline, how)
                time.sleep(0.05)

    def test_state_put_and_patch_reach_the_node_and_keep_identity(self):
        worker = self.worker()
        control = worker.control
        one = {"node_id": "p1", "host": "h", "port": 1, "role": "leader", "cpu_percent": 1.0, "capabilities": []}
        control.ask("state.put", attributes={
            "role": "leader", "peers": {"p1": one}, "pending_relay_acks": {"$set": ["a"]},
            "local_jobs": {"j": {"job_id": "j", "job_type": "selfplay", "pid": 7}},
            "training_jobs": {"t": {"$record": "TrainingJob", "job_id": "t", "done": True}}})
        told = self.about(worker)
        self.assertEqual((told["role"], told["peers"]), ("leader", [{**one, "load_score": 1.5}]))
        state = control.ask("state.get")["attributes"]
        self.assertEqual(state["pending_relay_acks"], {"$set": ["a"]})
        self.assertEqual(state["training_jobs"], {"t": {"$record": "TrainingJob", "job_id": "t", "done": True}})
        self.assertEqual(state["local_jobs"]["j"], {"job_id": "j", "job_type": "selfplay", "pid": 7})
        answer = control.ask("state.put", patch={"peers": {"m": {"p1": {"m": {"cpu_percent": {"v": 9, "b": 5.0}}}}}})
        self.assertEqual(answer, {"changed": ["peers"], "conflicts": [["peers", "p1", "cpu_percent"]]})
        self.assertEqual(self.about(worker)["peers"], [{**one, "cpu_percent": 9, "load_score": 1.5}])
        with self.assertRaisesRegex(RuntimeError, "not carried: nonsense"):
            control.ask("state.put", attributes={"nonsense": 1})

    def test_private_state_folder(self):
        worker = self.worker()
        told = self.about(worker)
        self.assertTrue(told["state_dir"].startswith(str(self.tree)))
        self.assertFalse(told["db"].startswith(str(self.tree)))
        self.assertEqual(list((self.tree / "logs" / "p2p_orchestrator").iterdir()), [])

    def test_wrong_options(self):
        for arguments, text in ((["--tree", "/nowhere", "--socket", "/x"], "no legacy program"), (["--tree", "/x"], "socket")):
            out = subprocess.run([PYTHON, "-m", "ringrift_shim", "worker", *arguments], capture_output=True, text=True,
                                 env=environment(self.tree))
            self.assertEqual(out.returncode, 2)
            self.assertIn(text, out.stderr)


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class CrossingTest(unittest.TestCase):
    def test_an_exception_of_the_front_is_raised_where_the_loop_asked(self):
        from ringrift_shim.node import _told

        self.assertEqual(_told({"action": "none"}), {"action": "none"})
        with self.assertRaisesRegex(RuntimeError, "^boom$"):
            _told({"$exception": "boom"})


if __name__ == "__main__":
    sys.path.insert(0, str(SHIM))
    unittest.main()
