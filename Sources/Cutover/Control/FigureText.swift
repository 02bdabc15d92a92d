import Foundation

/// Numbers and times as status, page and terminal show them.
package enum FigureText {
    /// What is not known.
    package static let none = "-"

    /// At most four columns: `59s`, `119m`, `47h`, `99d`, `27y`.
    package static func elapsed(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return none }
        let whole = max(0, seconds)
        for (limit, unit, name) in [
            (120.0, 1.0, "s"), (7200, 60, "m"), (172_800, 3600, "h"), (86_400_000, 86_400, "d"),
        ]
        where whole < limit {
            return "\(Int(whole / unit))\(name)"
        }
        return "\(min(999, Int(whole / 31_557_600)))y"
    }

    /// At most five columns: `99999`, `100k`, `1.2M`.
    package static func count(_ number: Int?) -> String {
        guard let number else { return none }
        if number < 100_000 { return "\(number)" }
        for (unit, name) in [(1_000.0, "k"), (1_000_000, "M"), (1_000_000_000, "G")] {
            let share = Double(number) / unit
            if share < 9.95 { return String(format: "%.1f", share) + name }
            if share < 999.5 { return String(format: "%.0f", share) + name }
        }
        return "many"
    }

    /// Milliseconds in at most three columns: `0.4`, `9.9`, `41`, `999`, `99s`, `99m`.
    package static func milliseconds(_ value: Double?) -> String {
        guard let value, value.isFinite else { return none }
        if value < 9.95 { return String(format: "%.1f", max(0, value)) }
        if value < 999.5 { return String(format: "%.0f", value) }
        let seconds = Int(min(value / 1000, 5_999).rounded())
        return seconds < 100 ? "\(max(1, seconds))s" : "\(seconds / 60)m"
    }

    /// `p50/p99`, at most seven columns.
    package static func latency(_ latency: ComparisonFigures.Latency) -> String {
        guard latency.p50 != nil || latency.p99 != nil else { return none }
        return milliseconds(latency.p50) + "/" + milliseconds(latency.p99)
    }

    /// `2026-11-22T22:31:05Z`.
    package static func moment(_ time: Double) -> String {
        var seconds = time_t(max(0, min(time, 253_402_300_799)))
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 40)
        let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
