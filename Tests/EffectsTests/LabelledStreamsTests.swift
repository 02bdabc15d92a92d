import PythonSemantics
import Testing

@testable import Effects

/// Expectations were computed with `sha256sum` and `openssl dgst`; `Legacy/shim/tests/test_deterministic.py` holds the same.
@Suite struct LabelledStreamsTests {
    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        // 56 bytes: the length does not fit into the block any more.
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func digest(text: String, expected: String) {
        #expect(Self.hex(SHA256.digest(Array(text.utf8))) == expected)
    }

    @Test func digestOfManyBlocks() {
        let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(
            Self.hex(SHA256.digest(million)) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
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
