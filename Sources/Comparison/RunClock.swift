/// When things happened in a run, read from its log: the stamps of the logging module and the access log's lines, which
/// come in the order of the steps.
package struct RunClock: Sendable, Equatable {
    /// Seconds since 1970 of the first and the last stamped line.
    package var start: Double
    package var end: Double
    /// When the node answered a step, by step id.
    package var steps: [String: Double]
    /// Seconds to take from a local time without a zone to get UTC.
    package var zone: Double
    /// The step that an access-log line is of, by the line's number in the log.
    var requests: [Int: String] = [:]

    /// - Returns: nil when the log has no stamped line.
    package init?(steps all: [StepObservation], lines: [LogLine]) {
        let stamps = lines.compactMap(\.stamp)
        guard let first = stamps.min(), let last = stamps.max() else { return nil }
        var zone = 0.0
        var times: [String: Double] = [:]
        var next = 0
        // `${name}` stands for what an earlier answer said.
        let paths = all.map { step in
            guard step.path.utf8.contains(UInt8(ascii: "$")) else { return Glob(step.path) }
            return Glob(step.path.replacing(#/\$\{[^}]*\}/#, with: "*"))
        }
        for line in lines {
            guard let stamp = line.stamp, let request = Self.request(line) else { continue }
            zone =
                line.content.tokens.lazy.filter { $0.kind == .stamp }.compactMap { TimeStamp($0.text)?.zone }.first
                ?? zone
            // A step whose line is missing (it asked another port, or its path was filled in) is skipped over.
            for index in next..<min(next + 24, all.count)
            where all[index].method == request.method && paths[index].matches(request.path)
                && Self.fits(line, all[index].answer)
            {
                requests[line.number] = all[index].id
                times[all[index].id] = stamp
                next = index + 1
                break
            }
        }
        var seen: Double?
        for step in all {
            seen = times[step.id] ?? seen
            if times[step.id] == nil { times[step.id] = seen ?? first }
        }
        self.zone = zone
        start = first - zone
        end = last - zone
        steps = times.mapValues { $0 - zone }
    }

    /// Whether the line may be of this answer: its status, and more bytes than its body. The node's own requests to
    /// itself name a client program, the harness's do not.
    private static func fits(_ line: LogLine, _ answer: AnswerObservation) -> Bool {
        let tokens = line.content.tokens
        guard line.content.template.hasSuffix("<n> <n> \"-\" \"-\""), let status = answer.status, tokens.count > 1,
            tokens[tokens.count - 2].text == String(status), let size = Int(tokens[tokens.count - 1].text)
        else { return false }
        guard let length = answer.header("Content-Length").flatMap(Int.init), answer.body != .text("") else {
            return true
        }
        return size > length && size < length + 2000
    }

    /// `"GET /status HTTP/1.1"` of an access-log line.
    static func request(_ line: LogLine) -> (method: String, path: String)? {
        guard line.text.hasPrefix("INFO - "), line.text.utf8.contains(UInt8(ascii: "\"")) else { return nil }
        let quoted = line.text.utf8.split(separator: UInt8(ascii: "\""), maxSplits: 2)
        guard quoted.count > 2 else { return nil }
        let words = String(decoding: quoted[1], as: UTF8.self).split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/") else { return nil }
        return (String(words[0]), String(words[1]))
    }

    /// The moment at which a step was answered, or (nil) at which the run ended.
    package func moment(of step: String?) -> RunMoment {
        RunMoment(now: step.flatMap { steps[$0] } ?? end, start: start, zone: zone, whole: step == nil)
    }
}

/// A run's time as a leaf sees it.
package struct RunMoment: Sendable, Equatable {
    /// Seconds since 1970.
    package var now: Double
    package var start: Double
    /// Seconds to take from a local time to get UTC.
    package var zone: Double = 0
    /// The leaf belongs to the run as a whole, so anything between start and end is "now".
    package var whole = false
    /// Seconds it took to answer the step; nil: not known, or no step.
    package var answering: Double?
}
