import Foundation
import PythonSemantics

/// A directory of mismatches, a JSON file each, of which the newest are kept.
package struct MismatchStore: Sendable {
    package var directory: String
    /// How many are kept.
    package var limit: Int

    package init(directory: String, limit: Int = 200) {
        self.directory = directory
        self.limit = limit
    }

    /// Where mismatches go when no other place is named: in the working directory.
    package static let standard = "reports/mismatches"

    /// Writes one, over an older one of the same id; ``prune()`` keeps their number within the limit.
    /// - Throws: ``ParityError`` when it cannot be written.
    package func save(_ mismatch: Mismatch) throws {
        let path = file(mismatch.id)
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let bytes = try PyJSON.dumps(mismatch.value(), indent: 1)
            // Aside first: a reader never sees half a file, and a full disk leaves the old one.
            try Data(bytes + [UInt8(ascii: "\n")]).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ParityError("\(path): the mismatch cannot be written")
        }
    }

    /// Ids, newest first.
    package func ids() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let ids = names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.filter(MismatchID.isPlausible)
        let dated: [(id: String, date: Date)] = ids.map { ($0, modified($0)) }
        return dated.sorted { one, other in
            one.date == other.date ? one.id < other.id : one.date > other.date
        }.map(\.id)
    }

    /// - Parameter text: an id, or as much of its beginning as tells it from the others.
    /// - Throws: ``ParityError`` that says which ids there are.
    package func load(_ text: String) throws -> Mismatch {
        let known = ids()
        let found = known.contains(text) ? [text] : known.filter { $0.hasPrefix(text) }
        guard MismatchID.isPlausible(text), let id = found.first, found.count == 1 else {
            let list = known.isEmpty ? "none" : Self.shortened(known)
            throw ParityError(
                (found.count > 1 ? "more than one mismatch begins with" : "no mismatch") + " '\(text)' in \(directory);"
                    + " there: \(list)")
        }
        guard let data = FileManager.default.contents(atPath: file(id)) else {
            throw ParityError("\(file(id)): cannot be read")
        }
        do {
            return try Mismatch(PyJSON.loads(Array(data)))
        } catch {
            throw ParityError("\(file(id)): \(error)")
        }
    }

    private static func shortened(_ ids: [String]) -> String {
        let shown = ids.prefix(20).joined(separator: ", ")
        return ids.count > 20 ? shown + " and \(ids.count - 20) more" : shown
    }

    private func file(_ id: String) -> String { "\(directory)/\(id).json" }

    private func modified(_ id: String) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file(id))
        return attributes?[.modificationDate] as? Date ?? .distantPast
    }

    /// Removes the oldest beyond the limit.
    package func prune() {
        for id in ids().dropFirst(limit) { try? FileManager.default.removeItem(atPath: file(id)) }
    }
}

extension MismatchStore {
    /// Keeps every mismatch of a report that knows how it was made.
    package func save(_ report: ParityReport) throws {
        guard let origin = report.origin else { return }
        for scenario in report.scenarios {
            for index in scenario.evidence.keys.sorted() {
                guard let evidence = scenario.evidence[index] else { continue }
                try save(Mismatch(evidence: evidence, origin: origin, legacy: report.legacy, made: report.made))
            }
        }
        prune()
    }
}
