import Cutover
import Effects
import P2PModel
import P2PServices
import PythonSemantics
import Synchronization

/// The shell of a node: takes snapshots from the store, lets pure decisions run on them, performs what they ask for.
package final class NodeRuntime: Sendable {
    package let configuration: NodeConfiguration
    package let effects: Effects
    package let console: any Console
    package let store: NodeStore
    package let resources: ResourceMonitor
    package let scheduling: SchedulingServices
    /// Targets of all hosts, kept between rounds.
    package let hostTargets: Mutex<HostTargetManager>
    package let background: BackgroundTasks
    /// Steps and answers of what is not native; does nothing without a worker.
    package let legacy = LegacySteps()
    package let firstPause = FirstPause()
    /// Who serves each subsystem.
    package let modes: ServingModes
    /// Who has answered what, and since when.
    package let ledger: ServingLedger
    /// The loops that run here.
    package let loops: LoopSwitch
    package let improvement: Mutex<ImprovementCycles?>
    package let improvementThresholds: ImprovementCycles.Thresholds
    /// Unix seconds.
    package let startTime: Double
    /// What is computed from the tree's files for the read routes of p2p.observability.
    package let reports: Reports
    /// For what `reports` and the metrics read: it blocks.
    let reading = BlockingQueue("ringrift.reports")
    private let database: StateDatabase
    private let saving = BlockingQueue("ringrift.state-save")

    package init(
        configuration: NodeConfiguration, effects: Effects, console: any Console, store: NodeStore,
        resources: ResourceMonitor, database: StateDatabase, improvement: ImprovementCycles?,
        improvementThresholds: ImprovementCycles.Thresholds, startTime: Double, modes: ServingModes,
        background: BackgroundTasks = BackgroundTasks()
    ) {
        self.modes = modes
        ledger = ServingLedger(now: { [clock = effects.clock] in clock.now() })
        self.background = background
        loops = LoopSwitch(wanted: LegacyBorder.frontLoops(modes.current), clock: effects.clock)
        self.configuration = configuration
        self.effects = effects
        self.console = console
        self.store = store
        self.resources = resources
        scheduling = SchedulingServices(effects: effects, constants: configuration.constants)
        hostTargets = Mutex(
            HostTargetManager(UtilizationTargets.load(tree: configuration.tree, files: effects.files)))
        self.database = database
        self.improvement = Mutex(improvement)
        self.improvementThresholds = improvementThresholds
        self.startTime = startTime
        reports = Reports(ringriftPath: configuration.ringriftPath, effects: effects, startTime: startTime)
    }

    /// Runs one decision, performs its effects in order and gives its result.
    ///
    /// - Parameter refreshingSelf: bring `self_info` up to date first, as most legacy handlers do.
    package func turn<T: Sendable>(
        refreshingSelf: Bool = false, _ decision: (inout NodeTurn) throws(PyException) -> T
    ) async throws(PyException) -> T {
        // What legacy code has started or ended is seen by the next answer.
        if refreshingSelf { await resampleIfDue() }
        let sample = refreshingSelf ? resources.current() : nil
        let hasKnownPeers = !configuration.knownPeers.isEmpty
        let (result, wanted) = store.decide(context()) { turn throws(PyException) in
            if let sample {
                turn.refreshSelfInfo(from: sample, hasKnownPeers: hasKnownPeers, startTime: startTime)
            }
            return try decision(&turn)
        }
        await perform(wanted)
        return try result.get()
    }

    /// Looks at the machine again when something has happened that the last sample does not show.
    package func resampleIfDue() async {
        let hasEnded = effects.processes.collect()
        if resources.trust() || hasEnded { await ResourceLoop.sample(self, readsCluster: true) }
    }

    /// `known_peers`: the command line's, as long as no legacy code has changed them.
    package var knownPeers: [String] {
        guard case .list(let items)? = store.snapshot.carried["known_peers"] else { return configuration.knownPeers }
        return items.map(\.pyStr)
    }

    package func context() -> DecisionContext {
        DecisionContext(
            nodeID: configuration.nodeID, constants: configuration.constants, now: effects.clock.now(),
            votersFromEnvironment: configuration.votersFromEnvironment)
    }

    /// In order; a peer that does not answer costs its timeout, as in the legacy.
    package func perform(_ wanted: [NodeEffect]) async {
        for effect in wanted {
            switch effect {
            case .save: await save()
            case .startElection:
                // A task that a round begins runs after the tasks that are there already: at the start, the loops.
                background.start { [self] in
                    await legacy.waitForRelease()
                    await elect()
                }
            case .print(let line): console.print(line.text)
            case .post(let post): _ = await self.post(post)
            case .startMonitoring:
                do throws(PyException) { _ = try await legacy.run(.startMonitoring, []) } catch {
                    console.print("[P2P] Failed to start monitoring: \(error.message)")
                }
            case .alert(let alert):
                background.start { [legacy] in _ = try? await legacy.run(.alert, [], keywords: alert.keywords) }
            }
        }
    }

    /// Writes peers, jobs and the ten state rows in one transaction. A failure is a line, never an error.
    package func save() async {
        let failure = await saving.run { [self] () -> PyException? in
            let state = store.snapshot
            do throws(PyException) {
                try database.save(
                    StateDatabase.Image(
                        nodeID: configuration.nodeID, peers: state.peers, jobs: state.jobs,
                        stateRows: try StateRows.rows(state.leadership)))
                return nil
            } catch {
                return error
            }
        }
        if let failure { console.print("[P2P] Failed to save state: \(failure.message)") }
    }

    private func post(_ post: PeerPost) async -> PyValue? {
        await postJSON(post.url.description, post.body, timeout: post.timeout)
    }
}
