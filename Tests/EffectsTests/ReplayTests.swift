import PythonSemantics
import TestSupport
import Testing

@testable import Effects

/// What is recorded is what a replay answers, errors included; what was not recorded is refused and noted.
@Suite struct ReplayTests {
    /// One question as text, so that two worlds can be compared.
    private struct Probe: Sendable {
        var name: String
        var ask: @Sendable (Effects) async -> String
    }

    private static func text<T>(_ body: () async throws -> T) async -> String {
        do { return "\(try await body())" } catch { return "throws \(error)" }
    }

    private static let post = PeerRequest(
        method: "POST", url: "http://10.0.0.2:8770/election", headers: ["Content-Type": "application/json"],
        body: Array(#"{"candidate_id": "a"}"#.utf8), timeout: 10)
    private static let grant = PeerRequest(method: "GET", url: "http://10.0.0.2:8770/election/grant", timeout: 5)
    private static let down = PeerRequest(method: "GET", url: "http://10.0.0.3:8770/election/grant", timeout: 5)

    private static let probes: [Probe] = [
        Probe(name: "clock.now") { "\($0.clock.now())" },
        Probe(name: "clock.now again") { "\($0.clock.now())" },
        Probe(name: "clock.sleep") { effects in await text { try await effects.clock.sleep(seconds: 20) } },
        Probe(name: "identifiers") { $0.identifiers.uuidHex(label: "leader_lease") },
        Probe(name: "identifiers, second draw") { $0.identifiers.uuidHex(label: "leader_lease") },
        Probe(name: "proc") { "\(String(describing: $0.probes.procFile("meminfo")))" },
        Probe(name: "no proc") { "\(String(describing: $0.probes.procFile("nope")))" },
        Probe(name: "processors") { "\($0.probes.processorCount())" },
        Probe(name: "file system") { "\(String(describing: $0.probes.fileSystem(at: "/srv")))" },
        Probe(name: "no file system") { "\(String(describing: $0.probes.fileSystem(at: "/nope")))" },
        Probe(name: "commands") { "\($0.probes.commandLines())" },
        Probe(name: "alive") { "\($0.probes.isAlive(pid: 7)) \($0.probes.isAlive(pid: 8))" },
        Probe(name: "address") { "\($0.probes.localAddress()) \($0.probes.hostName())" },
        Probe(name: "process") {
            "\(await $0.processes.run(ProcessRequest(["git", "x"], directory: "/srv", timeout: 3)))"
        },
        Probe(name: "no process") { "\(await $0.processes.run(ProcessRequest(["tailscale"], timeout: 5)))" },
        Probe(name: "late process") { "\(await $0.processes.run(ProcessRequest(["slow"], timeout: 1)))" },
        Probe(name: "signal") { "\(await $0.processes.run(ProcessRequest(["dies"], timeout: 1)))" },
        Probe(name: "peer") { effects in await text { try await effects.peers.send(post) } },
        Probe(name: "peer, bytes") { effects in await text { try await effects.peers.send(grant) } },
        Probe(name: "peer, error") { effects in await text { try await effects.peers.send(down) } },
        Probe(name: "read") { effects in await text { try effects.files.read("/srv/a") } },
        Probe(name: "read, error") { effects in await text { try effects.files.read("/srv/none") } },
        Probe(name: "exists") {
            "\($0.files.exists("/srv/a")) \($0.files.exists("/b")) \($0.files.isDirectory("/srv"))"
        },
        Probe(name: "directory") { effects in await text { try effects.files.createDirectory("/srv/new") } },
        Probe(name: "directory, error") { effects in await text { try effects.files.createDirectory("/srv/a") } },
        Probe(name: "replace") { effects in await text { try effects.files.replace("/srv/b", with: [0, 200, 255]) } },
        Probe(name: "replace, error") { effects in await text { try effects.files.replace("/x/y", with: []) } },
        Probe(name: "database") { effects in
            await text {
                try effects.databases.transaction(
                    "/srv/x.db",
                    [
                        SQLStatement("CREATE TABLE t(a, b)"),
                        SQLStatement("INSERT INTO t VALUES(?, ?)", [1.5, "é"]),
                        SQLStatement("SELECT a, b, NULL, 7 FROM t"),
                    ])
            }
        },
        Probe(name: "database, error") { effects in
            await text { try effects.databases.transaction("/srv/x.db", [SQLStatement("SELECT * FROM nope")]) }
        },
    ]

    private func world() -> FakeEffects {
        let fake = FakeEffects { Issue.record("\($0)") }
        fake.probes.change { machine in
            machine.proc["meminfo"] = "MemTotal: 1 kB\n"
            machine.fileSystems["/srv"] = FileSystemUsage(blocks: 10, free: 5, available: 4)
            machine.commands = [ProcessCommand(pid: 7, line: "python3 é train.py")]
            machine.alive = [7]
        }
        fake.files.put("/srv/a", "text\u{0}é")
        fake.processes.withhold("tailscale")
        fake.processes.answer(["git", "x"], .exited(status: 1, output: "o\n", errorOutput: "é\n"))
        fake.processes.answer(["slow"], .timedOut)
        fake.processes.answer(["dies"], .exited(status: -9, output: "", errorOutput: ""))
        fake.peers.answer("POST \(Self.post.url)", .json(["response": "ALIVE"]))
        fake.peers.answer(
            "GET \(Self.grant.url)", .response(PeerResponse(status: 500, contentType: "", body: [0, 255, 10])))
        fake.peers.answer("GET \(Self.down.url)", .refused)
        return fake
    }

    @Test func whatWasRecordedIsAnswered() async {
        let journal = EffectJournal()
        let fake = world()
        let recording = Effects.recording(fake.effects, journal: journal)
        var seen: [String] = []
        for probe in Self.probes {
            seen.append(await probe.ask(recording))
            fake.clock.advance(by: 1)
        }
        // The recorder shows what the world itself says.
        let bare = world()
        for (probe, recorded) in zip(Self.probes, seen) {
            #expect(await probe.ask(bare.effects) == recorded, "\(probe.name)")
            bare.clock.advance(by: 1)
        }
        let replayed = EffectJournal(entries: journal.entries)
        let replaying = Effects.replaying(replayed)
        for (probe, recorded) in zip(Self.probes, seen) {
            #expect(await probe.ask(replaying) == recorded, "\(probe.name)")
        }
        #expect(replayed.mismatches.isEmpty)
    }

    /// Every kind of question, asked of an empty journal.
    @Test func whatWasNotRecordedIsRefusedAndNoted() async {
        let journal = EffectJournal()
        let effects = Effects.replaying(journal)
        for probe in Self.probes {
            let before = journal.mismatches.count
            _ = await probe.ask(effects)
            #expect(journal.mismatches.count > before, "\(probe.name)")
        }
        #expect(
            journal.mismatches.first?.description == "no recorded answer left for clock.now None")
        #expect(
            await Self.text { try await effects.peers.send(Self.post) }
                == "throws ReplayMismatch: peers.send was not recorded")
        #expect(
            await Self.text { try effects.files.read("/a") } == "throws ReplayMismatch: files.read was not recorded")
    }

    @Test func answersAreUsedUpInOrder() {
        let journal = EffectJournal(entries: [
            .init(kind: "clock.now", input: .none, output: 1.5), .init(kind: "clock.now", input: .none, output: 2.5),
        ])
        let effects = Effects.replaying(journal)
        #expect([effects.clock.now(), effects.clock.now()] == [1.5, 2.5])
        #expect(journal.mismatches.isEmpty)
        _ = effects.clock.now()
        #expect(journal.mismatches.count == 1)
    }

    @Test func otherInputIsAnotherQuestion() {
        let journal = EffectJournal(entries: [.init(kind: "files.exists", input: "/a", output: true)])
        let effects = Effects.replaying(journal)
        #expect(!effects.files.exists("/b"))
        #expect(effects.files.exists("/a"))
        #expect(journal.mismatches.map(\.description) == ["no recorded answer left for files.exists '/b'"])
    }
}

/// The fakes must be able to say no, or tests that use them prove nothing.
@Suite struct FakeEffectsTests {
    private final class Reports: Sendable {
        private let lines = Journal()
        var all: [String] { lines.entries.map(\.kind) }
        func add(_ line: String) { lines.append(line, .none, .none) }
        private typealias Journal = EffectJournal
    }

    @Test(arguments: [
        ("GET", "http://h:1/election", nil, 10.0, "no node sends this"),
        ("POST", "h:1/election", #"{"candidate_id": 1}"#, 10, "no URL that aiohttp accepts"),
        ("POST", "http://h:1/election", #"{"candidate_id": 1, "x": 2}"#, 10, "keys"),
        ("POST", "http://h:1/election", #"{"candidate_id": 1}"#, 11, "timeout 11.0"),
        ("POST", "http://h:1/election", "[1]", 10, "a body that is no JSON object"),
        ("GET", "http://h:1/election/grant", "{}", 5, "a GET with a body"),
        (
            "POST", "http://h:1/coordinator",
            #"{"leader_id": "a", "lease_id": "b", "lease_expires": 1.0, "lease_renewal": true, "voter_node_ids": []}"#,
            5, "a renewal waits 3 s"
        ),
    ])
    func illegalRequests(_ method: String, _ url: String, _ body: String?, _ timeout: Double, _ expected: String) async
    {
        let reports = Reports()
        let fake = FakeEffects { reports.add($0) }
        fake.peers.answer("\(method) \(url)", .json([:]))
        let request = PeerRequest(
            method: method, url: url, headers: ["Content-Type": "application/json"], body: body.map { Array($0.utf8) },
            timeout: timeout)
        _ = try? await fake.peers.send(request)
        #expect(reports.all.contains { $0.contains(expected) }, "\(reports.all)")
    }

    @Test func unexpected() async {
        let reports = Reports()
        let fake = FakeEffects { reports.add($0) }
        _ = await fake.processes.run(ProcessRequest(["rm", "-rf"], timeout: 1))
        let heard = await #expect(throws: PyException.self) {
            try await fake.peers.send(PeerRequest(method: "GET", url: "http://h:1/election/grant", timeout: 5))
        }
        #expect(heard?.message == "Cannot connect to host h:1 ssl:default [Connect call failed ('h', 1)]")
        #expect(
            reports.all == [
                #"nobody expected the child process ["rm", "-rf"]"#, "nobody expected GET http://h:1/election/grant",
            ])
    }

    @Test func timeMovesByHand() async throws {
        let clock = FakeClock(now: 100)
        try await clock.sleep(seconds: 20)
        #expect(clock.now() == 120)
        clock.sleepMovesTime = false
        async let sleeping: Void = clock.sleep(seconds: 30)
        await clock.waitForSleeps(2)
        clock.advance(by: 30)
        try await sleeping
        #expect(clock.now() == 150)
        #expect(clock.sleeps == [20, 30])
        let cancelled = Task { try await clock.sleep(seconds: 5) }
        await clock.waitForSleeps(3)
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
    }

    @Test func identifiersAreVersionFour() {
        let source = FakeIdentifiers()
        let drawn = [source.uuidHex(label: "a"), source.uuidHex(label: "b"), source.uuidHex(label: "a")]
        #expect(Set(drawn).count == 3)
        #expect(
            drawn == ["a", "b"].map { FakeIdentifiers.uuidHex(label: $0, count: 1) }
                + [FakeIdentifiers.uuidHex(label: "a", count: 2)])
        for hex in drawn + [LiveIdentifiers().uuidHex(label: "x")] {
            let digits = Array(hex)
            #expect(digits.count == 32 && digits.allSatisfy { "0123456789abcdef".contains($0) })
            #expect(digits[12] == "4" && "89ab".contains(digits[16]))
        }
    }
}
