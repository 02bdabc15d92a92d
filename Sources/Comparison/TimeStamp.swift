/// A point in time read from a text: seconds since 1970 as if its zone were UTC (or by its own zone where it has one).
package struct TimeStamp: Sendable, Equatable {
    package var seconds: Double
    /// Seconds that one unit of its last digit stands for: 86,400 for a date alone.
    package var resolution: Double
    /// Seconds east of UTC, where the text says so.
    package var zone: Double?

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads what ``TokenScanner`` takes for a time; nil for 30 February and the like.
    package init?(_ text: String) {
        let fields = text.split { !$0.isASCII || !($0.isNumber || $0.isLetter) }.map(String.init)
        let first = fields.first ?? ""
        if first.count == 3, fields.count == 7 {
            // Sun Nov 22 14:24:53 2026
            self.init(day: fields[2], month: fields[1], year: fields[6], time: Array(fields[3...5]))
        } else if first.count == 2, fields.count >= 7 {
            // 22/Nov/2026:16:10:04 +0000
            self.init(day: fields[0], month: fields[1], year: fields[2], time: Array(fields[3...5]))
            guard let digits = Int(fields[6]) else { return nil }
            let east = Double((digits / 100) * 3600 + (digits % 100) * 60) * (text.contains("-") ? -1 : 1)
            zone = east
            seconds -= east
        } else if first.count == 8, fields.count == 2 {
            // 20261122_142202 (an underscore splits, too)
            let date = Array(first)
            let time = Array(fields[1])
            guard time.count == 6 else { return nil }
            self.init(
                day: String(date[6...7]), month: String(date[4...5]), year: String(date[0...3]),
                time: [String(time[0...1]), String(time[2...3]), String(time[4...5])])
        } else {
            self.init(iso: text)
        }
    }

    private init?(iso text: String) {
        let fields = text.split { "-T :.,Z+".contains($0) }.map(String.init)
        guard fields.count >= 3 else { return nil }
        self.init(day: fields[2], month: fields[1], year: fields[0], time: Array(fields[3...].prefix(3)))
        if text.hasSuffix("Z") || text.hasSuffix("+00:00") { zone = 0 }
        if fields.count > 6, resolution == 1, let digits = Int(fields[6]), fields[6].count <= 9 {
            resolution = (0..<fields[6].count).reduce(1) { value, _ in value / 10 }
            seconds += Double(digits) * resolution
        }
    }

    private init?(day: String, month: String, year: String, time: [String]) {
        guard let day = Int(day), let year = Int(year),
            let month = Int(month) ?? Self.months.firstIndex(of: month).map({ $0 + 1 }),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let parts = time.compactMap { Int($0) }
        guard parts.count == time.count else { return nil }
        if parts.count > 0, !(0...23).contains(parts[0]) { return nil }
        if parts.dropFirst().contains(where: { !(0...60).contains($0) }) { return nil }
        seconds = Double(Self.days(year, month, day)) * 86400
        for (part, unit) in zip(parts, [3600, 60, 1]) { seconds += Double(part * unit) }
        resolution = parts.isEmpty ? 86400 : parts.count < 3 ? 60 : 1
    }

    /// Days since 1 January 1970 in the Gregorian calendar.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? month - 3 : month + 9
        let years = month > 2 ? year : year - 1
        let era = (years >= 0 ? years : years - 399) / 400
        let ofEra = years - era * 400
        let ofYear = (153 * shifted + 2) / 5 + day - 1
        return era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468
    }
}
