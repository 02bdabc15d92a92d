/// The strict reading of environment and flags file, for `ringrift doctor`: what a node only gives alarms about is a
/// problem here. Nothing is changed and nothing is watched.
package struct FlagReport: Sendable {
    package let path: String
    package let table: FlagTable
    /// One line each; empty when everything was understood.
    package let problems: [String]

    /// - Parameter tree: the directory the program works in.
    package init(environment: [String: String], tree: String, fallback: Mode = .swift) {
        let store = FlagStore(environment: environment, tree: tree, fallback: fallback, now: { 0 }, onEvent: { _ in })
        path = store.path
        table = store.table
        problems = store.status.alarms.map(\.text)
    }

    /// The list of what is allowed, at most 80 columns wide.
    package static var allowed: String {
        [
            FlagRefusal.wrapped("names:", FlagName.every.map(\.variable)),
            FlagRefusal.wrapped("modes:", Mode.allCases.map(\.rawValue)),
            FlagRefusal.wrapped(FlagName.rollbackVariable + ":", FlagName.rollback.allowedValues),
        ].joined(separator: "\n")
    }
}
