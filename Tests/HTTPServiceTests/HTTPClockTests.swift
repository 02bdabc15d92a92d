import Testing

@testable import HTTPService

/// Expectations from `time.strftime` / `datetime` of CPython 3.11.
@Suite struct HTTPClockTests {
    @Test(arguments: [
        (0.0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_399.0, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_868_799.9, "Tue, 29 Feb 2000 23:59:59 GMT"), (1_795_362_488.5, "Sun, 22 Nov 2026 15:48:08 GMT"),
        (4_102_444_800.0, "Fri, 01 Jan 2100 00:00:00 GMT"), (-1.0, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ])
    func dates(_ time: Double, _ text: String) {
        let clock = HTTPClock(utcOffset: 0) { time }
        #expect(
            String(decoding: clock.dateAndServer, as: UTF8.self)
                == "Date: \(text)\r\nServer: Python/3.11 aiohttp/3.12.14\r\n")
    }

    @Test(arguments: [
        (0, "[22/Nov/2026:15:48:08 +0000]"), (19_800, "[22/Nov/2026:21:18:08 +0530]"),
        (-12_600, "[22/Nov/2026:12:18:08 -0330]"),
    ])
    func accessTimes(_ offset: Int, _ text: String) {
        #expect(HTTPClock(utcOffset: offset) { 0 }.logTime(1_795_362_488.25) == text)
    }
}
