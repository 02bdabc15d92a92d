import P2PModel
import PythonSemantics
import Testing

/// Contract 03 sections 4.2, 4.3 and 4.15; observed on the legacy.
struct AddressTests {
    @Test(arguments: [
        ("h", "http", "h", 8770), ("h:1", "http", "h", 1), ("h:", "http", "h", 8770), (":5", "http", "", 5),
        ("h: 5 ", "http", "h", 5), ("h:1_0", "http", "h", 10), ("https://h", "https", "h", 443),
        ("HTTP://H.X:5/p?q", "http", "h.x", 5), ("ftp://h", "ftp", "h", 8770),
        ("http://u:p@Host:7", "http", "host", 7), ("http://[::1]:5", "http", "::1", 5), ("http://h:0", "http", "h", 0),
        ("http://h\n:5", "http", "h", 5), ("http://a@b@c:9", "http", "c", 9),
    ])
    func goodAddresses(_ text: String, _ scheme: String, _ host: String, _ port: Int) throws {
        let address = try PeerAddress(parsing: PyString(text))
        #expect(address == PeerAddress(scheme: PyString(scheme), host: PyString(host), port: port))
    }

    @Test(arguments: [
        (" ", "Empty peer address"), ("h:abc", "invalid literal for int() with base 10: 'abc'"),
        ("a:b:c", "invalid literal for int() with base 10: 'b:c'"), ("http://", "Invalid peer URL: http://"),
        ("://h", "Invalid peer URL: ://h"), ("1http://h", "Invalid peer URL: 1http://h"),
        ("http://[::1", "Invalid IPv6 URL"), ("x://[]-1#", "Invalid IPv6 URL"),
        ("http://[h]:5", "'h' does not appear to be an IPv4 or IPv6 address"),
        ("http://h:abc", "Port could not be cast to integer value as 'abc'"),
        ("http://h:99999", "Port out of range 0-65535"),
    ])
    func badAddresses(_ text: String, _ message: String) {
        let error = failure { () throws(PyException) in _ = try PeerAddress(parsing: PyString(text)) }
        #expect(error == "ValueError: \(message)")
    }

    @Test(arguments: [
        ("100.64.0.0", true), ("100.127.255.255", true), ("100.128.0.0", false), ("100.63.255.255", false),
        (" 100.64.0.1 ", true), ("a.ts.net", true), ("A.TS.NET", false), (".ts.net", true), ("ts.net", false),
        ("100.064.0.1", false), ("", false),
    ])
    func tailscale(_ host: String, _ expected: Bool) { #expect(TailscaleAddress.matches(PyString(host)) == expected) }

    /// host, port, reported host and port as JSON; endpoint, single URL, candidates.
    struct URLCase: Sendable {
        let fields: [String]
        let endpoint: String?
        let single: String
        let candidates: [String]

        init(_ fields: [String], _ endpoint: String?, _ single: String, _ candidates: [String]) {
            self.fields = fields
            self.endpoint = endpoint
            self.single = single
            self.candidates = candidates
        }
    }

    static let urlCases: [URLCase] = [
        URLCase(["\"h\"", "1", "\"rh\"", "5"], "h:1", "http://h:1/p", ["http://h:1/p", "http://rh:5/p"]),
        URLCase(["\"h\"", "\"abc\"", "\"\"", "0"], "h:8770", "http://h:8770/p", []),
        URLCase(["\"h\"", "8.9", "\"\"", "0"], "h:8", "http://h:8/p", ["http://h:8/p"]),
        URLCase(["\" H \"", "true", "\"\"", "0"], "H:1", "http://H:1/p", ["http://H:1/p"]),
        URLCase(
            ["\"127.0.0.1\"", "1", "\"rh\"", "5"], "rh:5", "http://rh:5/p", ["http://127.0.0.1:1/p", "http://rh:5/p"]),
        URLCase(["\"127.0.0.1\"", "1", "\"rh\"", "-1"], "127.0.0.1:1", "http://rh:-1/p", ["http://127.0.0.1:1/p"]),
        URLCase(
            ["\"h\"", "1", "\"100.99.1.1\"", "7"], "100.99.1.1:7", "http://100.99.1.1:7/p",
            ["http://100.99.1.1:7/p", "http://h:1/p"]),
        URLCase(["\"h\"", "1", "\"h\"", "1"], "h:1", "http://h:1/p", ["http://h:1/p"]),
        URLCase(["0", "1", "\"\"", "0"], nil, "http://:1/p", []),
    ]

    @Test(arguments: urlCases)
    func urls(_ given: URLCase) throws {
        let values = try given.fields.map { try json(PyString($0)) }
        var info = NodeInfo(nodeID: "n", host: values[0], port: values[1])
        info[.reportedHost] = values[2]
        info[.reportedPort] = values[3]
        let urls = PeerURLs(selfInfo: NodeInfo(nodeID: "me", host: "100.64.1.1", port: 1))
        #expect(info.endpointKey.map { "\($0.host):\($0.port)" } == given.endpoint)
        #expect(try urls.single(info, "/p") == given.single)
        #expect(try urls.candidates(info, "/p") == given.candidates)
    }

    @Test func voterURLsPreferTailscale() throws {
        var info = NodeInfo(nodeID: "n", host: "10.0.0.1", port: 9)
        let urls = PeerURLs(selfInfo: NodeInfo(nodeID: "me", host: "10.0.0.2", port: 1))
        #expect(try urls.voter(info, "/p", registryAddress: "") == ["http://10.0.0.1:9/p"])
        info[.reportedHost] = "100.64.0.7"
        info[.reportedPort] = 8
        #expect(
            try urls.voter(info, "/p", registryAddress: "100.64.0.6") == [
                "http://100.64.0.6:9/p", "http://100.64.0.7:8/p",
            ])
    }

    @Test func wrongTypesFailLikePython() throws {
        var info = NodeInfo(nodeID: "n", host: "h", port: 1)
        info[.scheme] = 5
        let urls = PeerURLs(selfInfo: info)
        #expect(
            failure { () throws(PyException) in _ = try urls.single(info, "/p") }
                == "AttributeError: 'int' object has no attribute 'lower'")
        #expect(info.endpointKey?.scheme == "5")
    }
}
