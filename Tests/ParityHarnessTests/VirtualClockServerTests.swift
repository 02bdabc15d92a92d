import Foundation
import Glibc
import Testing

@testable import ParityHarness

/// The harness's side of the protocol, with participants that answer as told.
@Suite struct VirtualClockServerTests {
    /// A participant over a socket of its own. `@unchecked Sendable`: used by one thread at a time.
    private final class Follower: @unchecked Sendable {
        private let stream: UnsafeMutablePointer<FILE>
        private(set) var heard: [String] = []

        /// - Parameter patience: seconds to wait for a line; a server that says nothing fails a test, it does not hang it.
        /// - Returns: nil without a connection, or when the server neither answers nor hangs up.
        init?(_ path: String, hello: String, patience: Double = 20) {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var bound = timeval(tv_sec: Int(patience), tv_usec: Int(patience.truncatingRemainder(dividingBy: 1) * 1e6))
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &bound, socklen_t(MemoryLayout<timeval>.size))
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
            guard connected, let stream = fdopen(descriptor, "r+") else { return nil }
            self.stream = stream
            say(hello)
            if !hear() {
                fclose(stream)
                return nil
            }
        }

        func say(_ line: String) {
            fputs(line + "\n", stream)
            fflush(stream)
        }

        /// - Returns: false when nothing came in time; a connection that was closed is something.
        @discardableResult
        func hear() -> Bool {
            var buffer = [CChar](repeating: 0, count: 100)
            guard fgets(&buffer, 100, stream) != nil else { return feof(stream) != 0 }
            heard.append(
                String(decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            return true
        }

        func end() { fclose(stream) }
    }

    private func served(
        _ body: (VirtualClockServer, (String) throws -> Follower) throws -> Void
    ) throws {
        let path = "/tmp/clock-\(UUID().uuidString.prefix(8)).sock"
        defer { unlink(path) }
        let server = try VirtualClockServer(path: path, start: 1000)
        try body(server) { try #require(Follower(path, hello: $0)) }
    }

    @Test func whoConnectsHearsTheTimeAndIsAskedForMoments() throws {
        try served { server, follower in
            #expect(try server.turn() == .idle(busy: false, next: nil))
            let first = try follower("hello 1 11 a")
            let second = try follower("hello 1 12 b")
            #expect(first.heard == ["now 1000.0"])
            // Who has heard the time is known: both happen under one lock.
            #expect(server.followers == [11, 12])
            // Answers may lie ready before they are asked for.
            first.say("next 1005.5")
            second.say("next 1002.25")
            #expect(try server.turn() == .idle(busy: false, next: 1002.25))
            first.say("busy none")
            second.say("next 1002.25")
            #expect(try server.turn() == .idle(busy: true, next: 1002.25))
            server.now = 1002.25
            first.say("woke")
            #expect(try server.turn() == .woke)
            for _ in 0..<3 { first.hear() }
            #expect(first.heard.last == "now 1002.25")
        }
    }

    @Test func whoIsGoneIsForgottenAndWhoTalksNonsenseIsNamed() throws {
        try served { server, follower in
            let first = try follower("hello 1 11 a")
            let second = try follower("hello 1 12 the node")
            #expect(server.followers == [11, 12])
            first.end()
            second.say("next none")
            #expect(try server.turn() == .idle(busy: false, next: nil))
            #expect(server.followers == [12])
            second.say("perhaps")
            #expect(throws: ParityError("the node answered the virtual clock with 'perhaps'")) { try server.turn() }
        }
    }

    @Test func aProgramOfAnotherProtocolIsNoFollower() throws {
        try served { server, follower in
            _ = try follower("hello 2 11 a")
            #expect(server.followers.isEmpty)
        }
    }

    @Test func aServerThatNeverAnswersHangsNoTest() throws {
        let path = "/tmp/clock-\(UUID().uuidString.prefix(8)).sock"
        defer { unlink(path) }
        let silent = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(silent) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(silent, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(silent, 1) == 0
            }
        }
        try #require(bound)
        #expect(Follower(path, hello: "hello 1 11 a", patience: 0.1) == nil)
    }
}
