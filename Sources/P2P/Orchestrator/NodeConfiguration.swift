import Effects
import P2PModel
import P2PServices
import PythonSemantics

/// What a node is told by its command line, environment and surroundings; found once, before anything else runs.
/// Contract 01 sections 2.4, 2.6 and 4.2.
package struct NodeConfiguration: Sendable {
    package var nodeID: PyString
    package var host: String
    package var port: Int
    package var knownPeers: [String]
    package var relayPeers: Set<String>
    /// Root of the checkout the node works on.
    package var ringriftPath: String
    /// The `ai-service` directory the program belongs to; its `logs`, `data` and `config` are used.
    package var tree: String
    package var advertiseHost: String
    package var advertisePort: Int
    package var reportedHost: String
    /// What `tailscale ip -4` said, "" without an address.
    package var tailscaleHost = ""
    package var token: String
    package var buildVersion: String
    package var constants: P2PConstants
    package var environment: [String: String]

    /// `{tree}/logs/p2p_orchestrator`.
    package var stateDirectory: String { tree + "/logs/p2p_orchestrator" }
    package var statePath: String { "\(stateDirectory)/\(fileStem)_state.db" }
    package var improvementPath: String { "\(stateDirectory)/\(fileStem)_improvement.db" }

    /// The node id as a part of a file name. Security repair D263: the legacy takes it as it is, and `../x` leaves the
    /// directory.
    private var fileStem: String { nodeID.description.replacing("/", with: "%2F") }

    /// Whether `RINGRIFT_P2P_VOTERS` holds text.
    package var votersFromEnvironment: Bool { !(environment["RINGRIFT_P2P_VOTERS"] ?? "").trimmedASCII.isEmpty }

    /// Where the program works: `RINGRIFT_AI_SERVICE`, else `<--ringrift-path>/ai-service`, else the working directory
    /// when it holds `scripts/`; nil when there is none.
    package static func tree(
        ringriftPath: String?, environment: [String: String], currentDirectory: String, files: any FileAccess
    ) -> String? {
        if let named = environment["RINGRIFT_AI_SERVICE"], !named.isEmpty { return named }
        if let ringriftPath, files.isDirectory(ringriftPath + "/ai-service") { return ringriftPath + "/ai-service" }
        return files.isDirectory(currentDirectory + "/scripts") ? currentDirectory : nil
    }

    /// `--ringrift-path`, else the first usual place that holds `ai-service`, else the directory above the tree.
    package static func ringriftPath(
        option: String?, tree: String, environment: [String: String], files: any FileAccess
    ) -> String {
        if let option, !option.isEmpty { return option }
        let home = environment["HOME"] ?? "/root"
        let places = [home + "/Development/RingRift", home + "/ringrift", "/home/ubuntu/ringrift", "/root/ringrift"]
        for place in places where files.exists(place + "/ai-service") { return place }
        return tree.split(separator: "/").dropLast().reduce(into: "") { $0 += "/" + $1 }
    }

    /// Option, else `RINGRIFT_ADVERTISE_PORT`, else `VAST_TCP_PORT_{port}`, else the port; text that is no number is skipped.
    package static func advertisePort(option: Int?, port: Int, environment: [String: String]) -> Int {
        if let option { return option }
        for name in ["RINGRIFT_ADVERTISE_PORT", "VAST_TCP_PORT_\(port)"] {
            let text = (environment[name] ?? "").trimmedASCII
            if !text.isEmpty, case .int(let number)? = try? PyNumber.int(.string(PyString(text))) { return number }
        }
        return port
    }

    /// Option, else `RINGRIFT_CLUSTER_AUTH_TOKEN`, else the content of the token file.
    /// - Returns: the token (maybe empty) and the line about a file that cannot be read.
    package static func token(
        option: String?, environment: [String: String], files: any FileAccess
    ) -> (token: String, complaint: String?) {
        let given = (option ?? "").trimmedASCII
        if !given.isEmpty { return (given, nil) }
        let variable = (environment["RINGRIFT_CLUSTER_AUTH_TOKEN"] ?? "").trimmedASCII
        if !variable.isEmpty { return (variable, nil) }
        let path = (environment["RINGRIFT_CLUSTER_AUTH_TOKEN_FILE"] ?? "").trimmedASCII
        guard !path.isEmpty else { return ("", nil) }
        do {
            return (String(decoding: try files.read(path), as: UTF8.self).trimmedASCII, nil)
        } catch {
            return ("", "[P2P] Auth: failed to read RINGRIFT_CLUSTER_AUTH_TOKEN_FILE=\(path): \(error.message)")
        }
    }

    /// `{branch}@{commit}`, the commit alone, or `unknown`; `RINGRIFT_BUILD_VERSION` wins.
    package static func buildVersion(
        ringriftPath: String, environment: [String: String], processes: any ProcessRunner
    ) async -> String {
        let given = (environment["RINGRIFT_BUILD_VERSION"] ?? "").trimmedASCII
        if !given.isEmpty { return given }
        func git(_ arguments: [String]) async -> String {
            let request = ProcessRequest(
                ["git", "-c", "safe.directory=\(ringriftPath)"] + arguments, directory: ringriftPath, timeout: 3)
            guard case .exited(0, let output, _) = await processes.run(request) else { return "" }
            return output.trimmedASCII
        }
        let commit = await git(["rev-parse", "--short", "HEAD"])
        let branch = await git(["rev-parse", "--abbrev-ref", "HEAD"])
        if commit.isEmpty { return "unknown" }
        return branch.isEmpty ? commit : "\(branch)@\(commit)"
    }

    /// First line of `tailscale ip -4`, or "".
    package static func tailscaleAddress(processes: any ProcessRunner) async -> String {
        let request = ProcessRequest(["tailscale", "ip", "-4"], timeout: 5)
        guard case .exited(0, let output, _) = await processes.run(request) else { return "" }
        return output.trimmedASCII.split(separator: "\n").first.map(String.init) ?? ""
    }
}
