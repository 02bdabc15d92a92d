import Foundation
import PythonSemantics

/// Gives a stubbed program the time to note how it was started.
///
/// A program that a request has started may be ended by the next one. An interpreter needs longer to its first line than
/// a fast node between two answers: without this the same start would be seen on one side and not on the other.
struct StubWatch {
    /// Where the stubs are.
    let paths: Set<String>
    /// The file with a line per start.
    let record: String

    /// What did not come in time once is not waited for again.
    private var givenUp: Set<[String]> = []

    private static let longest = 2.0

    init(paths: Set<String>, record: String) {
        self.paths = paths
        self.record = record
    }

    /// Returns when every stub that runs has its line, or after two seconds.
    mutating func waitUntilNoted() {
        let start = ContinuousClock.now
        while true {
            let running = started().subtracting(givenUp)
            let missing = running.isEmpty ? [] : running.subtracting(noted())
            if missing.isEmpty { return }
            if (ContinuousClock.now - start) / .seconds(1) > Self.longest {
                givenUp.formUnion(missing)
                return
            }
            usleep(5000)
        }
    }

    /// Path and arguments of each stub that runs, whoever runs it: an interpreter, a shell, or we ourselves.
    private func started() -> Set<[String]> {
        var found: Set<[String]> = []
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int32(name) != nil {
            guard let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline"), !line.isEmpty else {
                continue
            }
            let words = line.split(separator: 0, omittingEmptySubsequences: false).dropLast()
                .map { String(decoding: $0, as: UTF8.self) }
            // The interpreter comes first, and our own stub program with its four settings.
            if let place = words.prefix(8).firstIndex(where: paths.contains) { found.insert(Array(words[place...])) }
        }
        return found
    }

    private func noted() -> Set<[String]> {
        let lines = FileManager.default.contents(atPath: record)?.split(separator: UInt8(ascii: "\n")) ?? []
        return Set(
            lines.compactMap { line in
                (try? PyJSON.loads(Array(line)))?["argv"]?.asList?.map(\.pyStr)
            })
    }
}
