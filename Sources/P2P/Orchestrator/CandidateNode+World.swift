import HTTPService
import P2PModel
import PythonSemantics
import Synchronization

/// Says nothing: the node's own lines are the serving side's.
struct SilentConsole: Console {
    func print(_ line: String) {}
    func log(_ level: LogLevel, _ message: String) {}
    func error(_ line: String) {}
}

struct SilentLog: HTTPLog {
    func access(_ line: String) {}
    func error(_ line: String, traceback: [String]) {}
}

/// `nvidia-smi`'s answer, made from the figures of the node that serves.
final class GraphicsText: Sendable {
    private let figures = Mutex<String?>(nil)

    var text: String? { figures.withLock { $0 } }

    func set(_ info: NodeInfo) {
        let text = "\(info[.gpuPercent].pyStr), \(info[.gpuMemoryPercent].pyStr), 100\n"
        figures.withLock { $0 = info[.hasGPU].isTruthy ? text : "" }
    }
}

extension NodeState {
    /// The state of an image, on top of a node that has just started.
    init(image: PyDict, blank: NodeState) {
        self = blank
        for attribute in Self.nativeAttributes where image.contains(key: attribute.name) {
            attribute.read(&self, image[attribute.name])
        }
        carried = image
        for attribute in Self.nativeAttributes { carried.removeValue(forKey: attribute.name) }
    }
}

extension CandidateNode {
    /// For the red test of a debug build: `RINGRIFT_CANDIDATE_FAULT=TEXT` makes every answer wrong that holds the text.
    static func fault(_ environment: [String: String]) -> String? {
        #if DEBUG
            return environment["RINGRIFT_CANDIDATE_FAULT"].flatMap { $0.isEmpty ? nil : $0 }
        #else
            return nil
        #endif
    }
}
