import Testing

@testable import Effects

/// Expectations were computed with `sha256sum` and `openssl dgst`; `Legacy/shim/tests/test_deterministic.py` holds the same.
@Suite struct LabelledStreamsTests {
    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func identifiersAreBlocksWithVersionAndVariant() {
        let streams = LabelledStreams(seed: "seed-1")
        #expect(streams.uuidHex(label: "leader_lease") == "09d30abac4b4436886caadad38887a80")
        #expect(streams.uuidHex(label: "leader_lease") == "cd98292a15124de8b148f47b907e062b")
    }

    @Test func labelsAndSeedsHaveStreamsOfTheirOwn() {
        let streams = LabelledStreams(seed: "seed-1")
        _ = streams.uuidHex(label: "leader_lease")
        let first = "29740070194c284ca4cb5bb2c1e175ea202626e9e81e2fa61b437a019a758a40"
        #expect(Self.hex(streams.bytes(label: "other", count: 40)) == first + "4a38fb73e8f4d066")
        #expect(LabelledStreams(seed: "seed-1").fraction(label: "other") == 0.16192629563129002)
        #expect(
            LabelledStreams(seed: "seed-2").uuidHex(label: "leader_lease")
                != LabelledStreams(seed: "seed-1").uuidHex(label: "leader_lease"))
    }
}
