import Foundation

/// One exchange with a real aiohttp server (Fixtures/record_aiohttp.py).
struct WireCase: Decodable, CustomStringConvertible, Sendable {
    let name: String
    let send: [Data]
    let answer: Data
    let end: String
    let log: [[String]]

    var description: String { name }

    static let all: [WireCase] = {
        guard let url = Bundle.module.url(forResource: "Fixtures/aiohttp-wire", withExtension: "json"),
            let data = try? Data(contentsOf: url), let cases = try? JSONDecoder().decode([WireCase].self, from: data)
        else { fatalError("Fixtures/aiohttp-wire.json is a resource of this test target") }
        return cases
    }()
}

/// Bytes as text one can read in a failure message, Date values blanked.
func readable(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).replacing(/Date: [^\r]*GMT/, with: "Date: D")
}
