import Foundation
import Glibc
import Testing

@testable import ParityHarness

/// Everything that can go wrong ends in one clear line and exit status 2, with nothing left running and no temporary
/// file. The harness runs as a program; the node is 20 lines of Perl.
@Suite(.enabled(if: FailureLab.usable, "no namespaces here, no perl, or ringrift is not built"), .serialized)
struct FailureTests {
    private func couldNotRun(
        _ outcome: FailureLab.Outcome, _ says: String, source: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.code == 2, "\(outcome)", sourceLocation: source)
        #expect(outcome.complaints.count == 1, "\(outcome.errors)", sourceLocation: source)
        #expect(outcome.complaints.first?.hasSuffix(says) ?? false, "\(outcome.complaints)", sourceLocation: source)
    }

    // MARK: Input

    static let broken: [(text: String, says: String)] = [
        ("{\"name\": \"x\",\n \"node\" 1}", "x.json: Expecting ':' delimiter: line 2 column 9 (char 22)"),
        ("{\"name\": \"x\", \"nod\": 1}", "x.json: unknown key 'nod'"),
        (
            "{\"name\": \"x\", \"node\": {\"args\": {}}, \"steps\": []}",
            "x.json: 'node.args' is an object, not an array"
        ),
    ]

    @Test(arguments: broken.indices) func brokenScenario(_ index: Int) throws {
        let lab = try FailureLab()
        try lab.write(Self.broken[index].text, "scenarios/x.json")
        couldNotRun(try lab.play(lab.run([])), "ringrift parity run: \(lab.base)/scenarios/" + Self.broken[index].says)
        couldNotRun(try lab.play(lab.record([])), Self.broken[index].says)
    }

    @Test func missingThings() throws {
        let lab = try FailureLab()
        try lab.scenario(["/"])
        couldNotRun(
            try lab.play(lab.run(["--legacy-root", "/none"])), "/none: no ai-service tree (no 'scripts' in it)")
        try PlainFile.makeDirectory(lab.base + "/bare/scripts")
        couldNotRun(
            try lab.play(lab.run(["--legacy-root", lab.base + "/bare"])),
            "/bare: no legacy (no 'scripts/p2p_orchestrator.py' in it)")
        couldNotRun(try lab.play(lab.run(["--legacy-python", "/none"])), "/none: no such interpreter")
        couldNotRun(try lab.play(lab.replay(["--recordings", "/none"])), "/none: no recordings there")
        couldNotRun(try lab.play(lab.run(["--candidate", "x"])), "--candidate: no {args} in 'x'")
        let none = try lab.play(lab.run(["--candidate", "/none {args}"]))
        #expect(none.code == 2 && none.errors.contains("x: the candidate: the node ended at start with status 127"))
    }

    // MARK: Nodes

    @Test func aNodeThatEndsAtStart() throws {
        let lab = try FailureLab()
        try lab.scenario(["/"])
        let says = "the node ended at start with status 3: no way"
        couldNotRun(try lab.play(lab.run(["--env", "DEAD=1"])), "ringrift parity run: x: the candidate: \(says)")
        couldNotRun(try lab.play(lab.run(["--legacy-env", "DEAD=1"])), "ringrift parity run: x: the legacy: \(says)")
    }

    @Test func aPortThatIsTaken() throws {
        let lab = try FailureLab()
        let argv = "[\"/usr/bin/perl\", \"\(lab.base)/node.pl\", \"--port\", \"8770\"]"
        try lab.scenario(["/"], more: "\"background\": [{\"argv\": \(argv), \"port\": 8770}],")
        couldNotRun(
            try lab.play(lab.run([])),
            "port 8770 is in use by a background program of the scenario")
    }

    @Test func aCandidateThatDiesIsDifferent() throws {
        let lab = try FailureLab()
        try lab.scenario(["/", "/die", "/"])
        let outcome = try lab.play(lab.run(["--legacy-env", "TOUGH=1"]))
        #expect(outcome.code == 1)
        let says = "ringrift parity run: x: the candidate ended with status 7 at step 2 (GET /die): dying"
        #expect(outcome.complaints == [says])
        #expect(outcome.output.contains("the node had ended") && outcome.output.contains("RemoteDisconnected"))
    }

    @Test func aLegacyThatDiesSaysNothing() throws {
        let lab = try FailureLab()
        try lab.scenario(["/", "/die", "/"])
        couldNotRun(
            try lab.play(lab.run(["--env", "TOUGH=1"])),
            "x: the legacy ended with status 7 at step 2 (GET /die): dying")
        // Told so by the scenario it is what the legacy does.
        try lab.scenario(["/", "/die"], more: "\"stop\": {\"signal\": \"none\"},")
        #expect(try lab.play(lab.run([])).code == 0)
    }

    @Test func aNodeThatHangs() throws {
        let lab = try FailureLab()
        try lab.scenario(["/", "/hang", "/"])
        couldNotRun(
            try lab.play(lab.run(["--env", "TOUGH=1"])), "x: the legacy did not answer step 2 (GET /hang) in time")
        let outcome = try lab.play(lab.run(["--legacy-env", "TOUGH=1"]))
        #expect(outcome.code == 1 && outcome.output.contains("TimeoutError"))
        // One that hangs for longer than the limit is ended there.
        try lab.write(
            """
            {"name": "x", "node": {"args": ["--port", "8770"]}, "settle": 0,
             "steps": [{"id": "1", "method": "GET", "path": "/"}, {"id": "2", "method": "GET", "path": "/hang"}]}
            """, "scenarios/x.json")
        couldNotRun(
            try lab.play(lab.run(["--legacy-env", "TOUGH=1", "--timeout", "8"])),
            "x: the candidate: not finished after 8.0 s, at step 2 of 2 (2: GET /hang)")
    }

    @Test func aNodeThatIgnoresTheStopIsObserved() throws {
        let lab = try FailureLab()
        try lab.scenario(["/"], more: "\"stop\": {\"within\": 1},")
        let one = try lab.play(lab.run(["--env", "STUBBORN=1"]))
        #expect(one.code == 1 && one.output.contains("killed after 1 s"))
        #expect(try lab.play(lab.run(["--env", "STUBBORN=1", "--legacy-env", "STUBBORN=1"])).code == 0)
        try lab.scenario(["/"], more: "\"stop\": {\"signal\": \"INT\"},")
        #expect(try lab.play(lab.record(["--candidate", lab.node])).code == 0)
        let state = try String(contentsOfFile: lab.base + "/out/x.state.json", encoding: .utf8)
        #expect(state.contains("\"exit\": 4,"))
    }

    // MARK: Disks

    /// Runs the harness where `DIRECTORY` is a file system of this size.
    private func small(_ directory: String, _ size: String) throws -> [String] {
        try PlainFile.makeDirectory(directory)
        let user = getuid() == 0 ? [] : ["-U", "-r"]
        let script = "mount -t tmpfs -o size=\(size) none \(directory) && exec \"$@\""
        return ["unshare"] + user + ["-m", "/bin/sh", "-c", script, "sh"]
    }

    @Test func fullDisks() throws {
        let lab = try FailureLab()
        try lab.scenario(["/"], more: "\"files\": {\"data/big\": {\"text\": \"0123456789\", \"repeat\": 20000}},")
        let full = ": No space left on device"
        let keep = try lab.play(lab.run(["--keep", lab.base + "/kept"]), before: small(lab.base + "/kept", "4k"))
        #expect(keep.code == 2 && keep.complaints.first?.hasSuffix(full) ?? false, "\(keep)")
        #expect(keep.complaints.first?.hasPrefix("ringrift parity run: x: the ") ?? false, "\(keep)")
        let record = try lab.play(
            lab.record(["--candidate", lab.node]), before: small(lab.base + "/out", "8k"))
        #expect(record.code == 2 && record.complaints.first?.hasSuffix(full) ?? false, "\(record)")
        let run = try lab.play(lab.run([]), before: small(lab.base + "/tmp", "64k"))
        #expect(run.code == 2 && run.complaints.first?.hasSuffix(full) ?? false, "\(run)")
        try lab.write(String(repeating: "0123456789", count: 20000), "tree/big")
        couldNotRun(
            try lab.play(lab.run([]), before: small(lab.base + "/tmp", "64k")),
            "the legacy: cannot copy the tree \(lab.base)/tree\(full)")
    }

    @Test func outputThatCannotBeWritten() throws {
        let lab = try FailureLab()
        try lab.scenario(["/"])
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        couldNotRun(try lab.play(lab.run([]), output: full), "standard output: No space left on device")
        let pipe = try PipeEnds()
        pipe.closeReading()
        couldNotRun(try lab.play(lab.run([]), output: pipe.writing), "standard output: Broken pipe")
        couldNotRun(try lab.play(lab.run(["--json", "/none/x"])), "/none/x: No such file or directory")
        let shut = ["/bin/sh", "-c", "exec \"$@\" <&- >&-", "sh"]
        couldNotRun(try lab.play(lab.run([]), before: shut), "standard output: closed")
    }

    // MARK: Interruptions

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)])
    func anInterruptedRunLeavesNothing(_ signal: Int32, _ code: Int) throws {
        let lab = try FailureLab()
        try lab.scenario(["/", "/hang"], timeout: 60)
        let child = try lab.start(lab.run(["--keep", lab.base + "/kept"]))
        #expect(lab.wait(child, until: "x.jsonl", holds: "\"id\": \"1\""))
        kill(child.pid, signal)
        let outcome = lab.outcome(child)
        #expect(outcome.code == code && outcome.complaints == ["ringrift parity run: interrupted"])
        #expect(outcome.output.isEmpty && lab.leftovers == [])
        // It did not wait for the step to end.
        #expect(lab.text("kept/candidate/x.jsonl").contains("\"id\": \"2\"") == false)
    }

    @Test func aKilledHarnessLeavesNothingRunning() throws {
        let lab = try FailureLab()
        try lab.scenario(["/", "/hang"], timeout: 60)
        let child = try lab.start(lab.run(["--keep", lab.base + "/kept", "--jobs", "1"]))
        #expect(lab.wait(child, until: "x.jsonl", holds: "\"id\": \"1\""))
        kill(child.pid, SIGKILL)
        #expect(child.wait() == -9)
        var left = lab.leftovers
        for _ in 0..<500 where left.contains(where: { $0.hasPrefix("process") }) {
            usleep(20_000)
            left = lab.leftovers
        }
        #expect(!left.contains { $0.hasPrefix("process") })
        // Its files go with the next run, those of a harness that lives stay: locks tell, not process ids.
        let living = try TemporaryDirectory(template: lab.base + "/tmp/ringrift-parity-1-XXXXXX")
        try lab.scenario(["/"])
        #expect(lab.outcome(try lab.start(lab.run([]))).code == 0)
        #expect(lab.leftovers == [(living.path as NSString).lastPathComponent])
    }

    // MARK: Recording

    @Test func recordingsAreReplacedOnDemandOnly() throws {
        let lab = try FailureLab()
        try lab.scenario(["/"])
        let first = try lab.play(lab.record(["--candidate", lab.node, "--takes", "3"]))
        #expect(first.code == 0 && first.output.hasSuffix("3 recorded, 0 failed\n"))
        func names(_ path: String) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: lab.base + "/out" + path).sorted()
        }
        #expect(try names("") == ["a", "b", "c"])
        #expect(try names("/c") == ["x.jsonl", "x.log", "x.spawned.jsonl", "x.state.json"])
        couldNotRun(
            try lab.play(lab.record(["--candidate", lab.node, "--takes", "2"])),
            "/out/a/x.jsonl is there already, and 1 more; --force replaces")
        #expect(try lab.play(lab.record(["--candidate", lab.node, "--takes", "2", "--force"])).code == 0)
        // What was recorded is what it is compared with.
        let replay = try lab.play(lab.replay(["--recordings", lab.base + "/out"]))
        #expect(replay.code == 0 && replay.output.contains("legacy:    recording (3 a scenario, "), "\(replay)")
    }

    /// A program that ends before it can note itself: it may not write a byte.
    @Test(.enabled(if: getuid() == 0, "a listener needs rights in the namespaces"))
    func aProgramIsNotedBeforeItRuns() throws {
        let lab = try FailureLab()
        try lab.scenario(["/"], more: "\"stubs\": [\"bin:ssh\"],")
        let node = "sh -c '(ulimit -f 0; ssh -p 22 host); ssh second; exec \"$@\"' node \(lab.node)"
        #expect(try lab.play(lab.record(["--candidate", node])).code == 0)
        let lines = lab.text("out/x.spawned.jsonl").split(separator: "\n")
        #expect(
            lines.count == 2 && lines.first?.contains(#""argv": ["/srv/ringrift-bin/ssh", "-p", "22", "host"]"#) == true
        )
        #expect(lines.last?.contains(#""argv": ["/srv/ringrift-bin/ssh", "second"]"#) == true)
    }

    @Test func anInterruptedRecordingIsNone() throws {
        let lab = try FailureLab()
        try lab.scenario(["/", "/hang"], timeout: 60)
        let child = try lab.start(lab.record(["--candidate", lab.node]))
        #expect(lab.wait(child, until: "x.jsonl", holds: "\"id\": \"1\""))
        kill(child.pid, SIGTERM)
        #expect(lab.outcome(child).code == 143 && lab.leftovers == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: lab.base + "/out").isEmpty)
    }

    @Test func aLegacyThatDiesIsNotRecorded() throws {
        let lab = try FailureLab()
        try lab.scenario(["/", "/die", "/"])
        let legacy = ["--legacy-root", lab.base + "/tree", "--legacy-python", lab.base + "/python"]
        couldNotRun(
            try lab.play(lab.record(legacy)),
            "record: x: the legacy ended with status 7 at step 2 (GET /die): dying")
        #expect(try FileManager.default.contentsOfDirectory(atPath: lab.base + "/out").isEmpty)
        // A candidate's death is what it does.
        let candidate = try lab.play(lab.record(["--candidate", lab.node]))
        #expect(candidate.code == 0 && candidate.output.contains("the candidate ended with status 7"))
        let lines = try String(contentsOfFile: lab.base + "/out/x.jsonl", encoding: .utf8)
        #expect(lines.hasSuffix("{\"node_exited\": 7}\n"))
    }

    /// Who waits for a harness that hangs fails instead of hanging, too.
    @Test func nothingHereWaitsForEver() throws {
        let lab = try FailureLab()
        let child = try ChildProcess(["sleep", "1000"], environment: ["PATH": "/usr/bin:/bin"])
        #expect(!lab.wait(child, until: "stdout", holds: "x", within: 0.1))
        #expect(lab.outcome(child, within: 0.1).code == -9)
    }

    /// What started programs leave in a directory that is gone is lost: that is no empty list.
    @Test func theFilesOfARunRemovedUnderIt() throws {
        let lab = try FailureLab()
        try lab.scenario(["/"])
        let vandal = "sh -c 'rm -f \(lab.base)/tmp/ringrift-parity-*/spawned.jsonl; exec \"$0\" \"$@\"' \(lab.node)"
        couldNotRun(
            try lab.play(lab.record(["--candidate", vandal])),
            "/spawned.jsonl is gone: something removed the files of this run")
    }

    // MARK: Without namespaces

    /// The machine's loopback must not be touched: the harness without namespaces runs in one of ours.
    private var alone: [String] {
        let user = getuid() == 0 ? [] : ["-U", "-r"]
        return ["unshare"] + user + ["-n", "/bin/sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]
    }

    @Test(.enabled(if: ParityPlaces.program("ip") != nil, "no program 'ip' here")) func withoutNamespaces() throws {
        let lab = try FailureLab()
        try lab.scenario(["/"])
        // The answer names the tree: normalised it is the one of a recording made in a sandbox.
        #expect(try lab.play(lab.record(["--candidate", lab.node])).code == 0)
        let outcome = try lab.play(
            lab.replay(["--recordings", lab.base + "/out", "--no-sandbox"]), before: alone)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.complaints == ["ringrift parity replay: \(Sandbox.warning)"])
        // Programs the node left in sessions of their own end with it.
        let astray = try lab.play(
            lab.run(["--no-sandbox", "--candidate", "sh -c 'setsid sleep 777 & exec \"$0\" \"$@\"' \(lab.node)"]),
            before: alone)
        #expect(astray.code == 0)
        // Paths that a scenario names are those of the private directory, and called by their common name in errors.
        let dies = try lab.play(
            lab.run(["--no-sandbox", "--candidate", "sh -c 'pwd; exit 9' {args}"]), before: alone)
        #expect(dies.complaints.last?.hasSuffix("ended at start with status 9: /srv/ringrift/ai-service") ?? false)
        #expect(dies.code == 2)
    }

    @Test(.enabled(if: ParityPlaces.program("ip") != nil, "no program 'ip' here")) func aPortOfTheMachine() throws {
        let lab = try FailureLab()
        try lab.scenario(["/"])
        let connect = "IO::Socket::INET->new(PeerAddr => \"127.0.0.1:8770\")"
        let answers = "/usr/bin/perl -MIO::Socket::INET -e 'exit !\(connect)'"
        let script = """
            ip link set lo up; /usr/bin/perl \(lab.base)/node.pl --port 8770 &
            for i in $(seq 400); do \(answers) && break; sleep 0.05; done
            "$@"; code=$?; kill $!; wait; exit $code
            """
        let before = alone.prefix { $0 != "/bin/sh" } + ["/bin/sh", "-c", script, "sh"]
        let outcome = try lab.play(lab.run(["--no-sandbox"]), before: Array(before))
        #expect(outcome.code == 2)
        #expect(outcome.complaints.last == "ringrift parity run: x: the legacy: port 8770 is in use on this machine")
        // In a sandbox the machine's ports are out of sight.
        #expect(try lab.play(lab.run([]), before: Array(before)).code == 0)
    }

    @Test func aHelperThatTakesThePortLate() throws {
        let lab = try FailureLab()
        // Binds when the candidate is there and ends as one does that cannot bind.
        let script = "until test -e go; do :; done; exec /usr/bin/perl \(lab.base)/node.pl --port 8770"
        let argv = "[\"/bin/sh\", \"-c\", \"\(script)\"]"
        try lab.scenario(["/"], more: "\"settle\": 2, \"background\": [{\"argv\": \(argv)}],")
        let outcome = try lab.play(
            lab.record(["--candidate", "sh -c 'touch go; echo cannot bind; sleep 1; exit 5' {args}"]))
        #expect(outcome.code == 2)
        let says = outcome.complaints.first ?? ""
        #expect(says.hasSuffix("cannot bind") && says.contains("record: x: the candidate: the node ended"), "\(says)")
    }
}
