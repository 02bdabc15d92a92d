import Effects
import PythonSemantics

/// What the newest training logs say of each configuration; contract 12 section 4.4.
package struct TrainingLogs: Sendable {
    /// The last epoch of a log.
    package struct Epoch: Sendable {
        package var loss: PyValue
        package var epoch: PyValue
    }

    /// In the order in which they were first met; of several logs the oldest counts.
    package private(set) var configurations: [(name: PyString, value: Epoch)] = []

    package init() {}

    /// - Parameter root: `{ringrift_path}/ai-service`.
    /// - Throws: when the age of a log cannot be asked.
    package static func collect(root: String, files: any FileAccess) throws(PyException) -> TrainingLogs {
        var logs = TrainingLogs()
        for path in try newestLogs(in: root + "/logs/training", count: 10, files: files) {
            // A log that cannot be read is left out.
            guard let bytes = try? files.read(path), let text = try? TextFile.text(bytes),
                let name = name.first(in: path.lastComponent), let last = try? lastEpoch(text)
            else { continue }
            logs.set(PyString("\(name[group: 0])_\(name[group: 1])p"), last)
        }
        return logs
    }

    private mutating func set(_ name: PyString, _ epoch: Epoch) {
        if let place = configurations.firstIndex(where: { $0.name == name }) {
            configurations[place].value = epoch
        } else {
            configurations.append((name, epoch))
        }
    }

    /// - Throws: `ValueError` for a number anywhere in the log that is none.
    private static func lastEpoch(_ text: String) throws(PyException) -> Epoch? {
        var last: Epoch?
        for match in epoch.all(in: text) {
            last = Epoch(
                loss: .float(try PyNumber.float(PyString(match[group: 1]))),
                epoch: try PyNumber.int(PyString(match[group: 0])))
        }
        return last
    }

    private static let name = TextPattern(#"(square\d+|hexagonal|hex)_(\d+)p"#)
    private static let epoch = TextPattern(#"[Ee]poch[{s}]+(\d+).*?loss[=:][{s}]*([\d.]+)"#)
}

/// The newest `*.log` of a directory, newest first.
///
/// - Throws: what `os.stat` raises.
func newestLogs(in directory: String, count: Int, files: any FileAccess) throws(PyException) -> [String] {
    var logs: [(path: String, modified: Double)] = []
    for path in files.glob(directory, suffix: ".log") { logs.append((path, try files.status(path).modified)) }
    return logs.sorted { $0.modified > $1.modified }.prefix(count).map(\.path)
}

extension String {
    /// The last part of a path.
    var lastComponent: String { split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? self }
}
