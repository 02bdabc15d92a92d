/// What of a command line is compared (`parity cli`), as rules name it.
package enum CommandLineDimension: String, Sendable, CaseIterable {
    case exit, stdout, stderr, actions, spawned, background, files
    case leftRunning = "left_running"

    /// Where its differences are.
    var places: [PathPattern] {
        let texts =
            switch self {
            case .exit: ["/exit/**"]
            case .stdout: ["/stdout/**"]
            case .stderr: ["/stderr/**"]
            case .leftRunning: ["/left_running/**"]
            case .actions: ["/actions", "/action */**"]
            case .spawned: ["/call */**"]
            case .background: ["/background/**"]
            case .files: ["/created/**", "/changed/**", "/deleted/**", "/directories/**"]
            }
        return texts.compactMap(PathPattern.init)
    }
}
