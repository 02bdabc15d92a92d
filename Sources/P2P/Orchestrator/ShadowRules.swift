import Comparison

/// What two samples of the same machine may show. Files of rules are not on the machines, and `parity` has its own; here
/// both sides run on one machine and one state, and noise is learned by asking twice.
enum ShadowRules {
    static let all: [Rule] = [
        rule(
            "samples-of-the-machine",
            [
                "/body/**/cpu_percent", "/body/**/memory_percent", "/body/**/disk_percent", "/body/**/load_average",
                "/body/**/load_score",
            ], .tolerance(10), "each side samples the machine for itself, up to a second apart"),
        rule(
            "moments-of-the-sample",
            ["/body/**/last_heartbeat", "/body/**/timestamp", "/body/**/uptime_seconds", "/body/**/uptime"],
            .tolerance(5), "the moment at which the side was asked"),
    ]

    private static func rule(_ name: String, _ paths: [String], _ acceptance: Rule.Acceptance, _ reason: String) -> Rule
    {
        Rule(
            name: name, paths: paths.compactMap(PathPattern.init), acceptance: acceptance, reason: reason,
            owner: "cutover", expires: "9999-12-31", occasional: true)
    }
}
