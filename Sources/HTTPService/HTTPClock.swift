import Foundation
import NIOConcurrencyHelpers

/// Time as the server shows it: the `Date` header (made once a second) and the time in access lines.
package final class HTTPClock: Sendable {
    private struct Cache {
        var second: Int64 = .min
        var header: [UInt8] = []
    }

    /// Unix seconds.
    package let now: @Sendable () -> Double
    /// Seconds east of UTC in access lines: aiohttp uses the zone's standard time all year.
    let utcOffset: Int
    private let cache = NIOLockedValueBox(Cache())

    package init(utcOffset: Int = HTTPClock.standardOffset(), now: @escaping @Sendable () -> Double) {
        self.utcOffset = utcOffset
        self.now = now
    }

    /// `-time.timezone` of Python: the local zone's offset outside daylight saving.
    package static func standardOffset() -> Int {
        var parts = tm()
        let offsets = [1_704_067_200, 1_719_792_000].map { (seconds: Int) -> Int in
            var time = time_t(seconds)
            localtime_r(&time, &parts)
            return parts.tm_gmtoff
        }
        return offsets.min() ?? 0
    }

    /// `Date: Sun, 22 Nov 2026 15:48:08 GMT\r\nServer: …\r\n`, ready to send.
    var dateAndServer: [UInt8] {
        let second = Int64(now().rounded(.down))
        return cache.withLockedValue { cache in
            if cache.second != second {
                cache.second = second
                cache.header = Array("Date: \(Self.httpDate(second))\r\nServer: \(Self.serverName)\r\n".utf8)
            }
            return cache.header
        }
    }

    static let serverName = "Python/3.11 aiohttp/3.12.14"

    static func httpDate(_ second: Int64) -> String {
        let date = CivilTime(second)
        return "\(date.weekday), \(two(date.day)) \(date.monthName) \(date.year) \(date.clock) GMT"
    }

    /// `[22/Nov/2026:15:48:08 +0000]`.
    func logTime(_ time: Double) -> String {
        // strftime truncates the microseconds that datetime rounded to.
        let date = CivilTime(Int64(((time * 1e6).rounded(.toNearestOrEven) / 1e6).rounded(.down)) + Int64(utcOffset))
        let minutes = abs(utcOffset) / 60
        let zone = "\(utcOffset < 0 ? "-" : "+")\(two(minutes / 60))\(two(minutes % 60))"
        return "[\(two(date.day))/\(date.monthName)/\(date.year):\(date.clock) \(zone)]"
    }
}

private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

/// A point in time as a UTC calendar shows it.
struct CivilTime {
    let year: Int
    let month: Int
    let day: Int
    let weekday: String
    let clock: String

    init(_ second: Int64) {
        let days = Int((second >= 0 ? second : second - 86_399) / 86_400)
        let rest = Int(second) - days * 86_400
        clock = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((days % 7) + 7) % 7]
        // Howard Hinnant's civil_from_days: http://howardhinnant.github.io/date_algorithms.html
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var monthName: String {
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
    }
}
