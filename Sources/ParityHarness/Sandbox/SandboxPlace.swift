import Foundation
import Glibc

/// Where the node finds its checkout, home and programs. With namespaces that is `/srv/ringrift…`; without them a
/// private directory whose name is exactly as long, so that lengths in answers stay what they are.
struct SandboxPlace: Sendable, Equatable {
    /// The checkout root.
    var root: String

    static let sealed = SandboxPlace(root: SandboxMounts.root)

    var isSealed: Bool { root == SandboxMounts.root }
    var tree: String { root + "/ai-service" }
    var home: String { root + "-home" }
    var programs: String { root + "-bin" }

    /// A new private directory.
    static func makePrivate() throws -> SandboxPlace {
        var template = Array("/tmp/r-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ParityError("/tmp: \(String(cString: strerror(errno)))") }
        let place = SandboxPlace(
            root: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        do {
            for path in [place.home, place.programs] { try PlainFile.makeDirectory(path) }
        } catch {
            place.remove()
            throw error
        }
        return place
    }

    func remove() {
        guard !isSealed else { return }
        for path in [root, home, programs] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// The text of a scenario or a command with this place for `/srv/ringrift`.
    func inward(_ text: String) -> String {
        isSealed ? text : text.replacing(SandboxMounts.root, with: root)
    }

    /// Rewrites observations so that they compare with those of other places.
    func normalize(files prefix: String) throws {
        guard !isSealed else { return }
        for suffix in Recording.suffixes {
            guard let data = FileManager.default.contents(atPath: prefix + suffix) else { continue }
            let text = data.replacing(Data(root.utf8), with: Data(SandboxMounts.root.utf8))
            try PlainFile.write(Array(text), to: prefix + suffix)
        }
    }
}
