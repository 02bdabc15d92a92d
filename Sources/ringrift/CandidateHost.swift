import Cutover
import Foundation
import P2PNode

/// `ringrift candidate`: the process that answers beside a legacy worker and is compared with it. Started by `ringrift p2p`.
struct CandidateHost {
    private let environment: [String: String]

    init(environment: [String: String]) { self.environment = environment }

    enum Request {
        case serve(CandidateServer)
        case repro(CandidateRepro)
    }

    /// What the arguments ask for, with the process already put last in the machine's order; nil: they ask for nothing.
    func prepare(_ arguments: [String]) -> Request? {
        if let file = Self.value(of: "--repro", in: arguments) {
            return .repro(
                CandidateRepro(path: file, tree: Self.value(of: "--tree", in: arguments), environment: environment))
        }
        guard let socket = Self.value(of: "--socket", in: arguments),
            let parent = Self.value(of: "--parent", in: arguments).flatMap(Int32.init)
        else { return nil }
        if let log = Self.value(of: "--log", in: arguments) { Self.redirect(to: log) }
        Self.stepBack()
        return .serve(CandidateServer(path: socket, parent: parent, environment: environment))
    }

    /// Idle scheduling (threads that start later have it, too), a limit of memory, no core file.
    private static func stepBack() {
        var parameters = sched_param()
        parameters.sched_priority = 0
        sched_setscheduler(0, idlePolicy, &parameters)
        var memory = rlimit(rlim_cur: memoryLimit, rlim_max: memoryLimit)
        setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &memory)
        var core = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
    }

    /// `SCHED_IDLE`, a macro that is not imported: runs only when nothing else wants the processor.
    private static let idlePolicy: Int32 = 5

    /// Bytes that can be written to (heap and stacks); a node needs some 50 MiB. Not the address space: an allocator
    /// reserves more of that the more processors there are.
    private static let memoryLimit: UInt = 1 << 30

    /// The node's own stdout and stderr carry the legacy's lines only.
    private static func redirect(to path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return }
        dup2(descriptor, STDOUT_FILENO)
        dup2(descriptor, STDERR_FILENO)
        close(descriptor)
    }

    private static func value(of option: String, in arguments: [String]) -> String? {
        guard let index = arguments.firstIndex(of: option) else { return nil }
        return arguments.dropFirst(index + 1).first
    }
}
