import PythonSemantics

/// What is known of one subsystem on `shadow`: the sum of its routes, and whether that is enough.
package struct SubsystemEvidence: Sendable, Equatable {
    /// Milliseconds.
    package struct Latency: Sendable, Equatable {
        package var p50: Double?
        package var p99: Double?
    }

    package struct Route: Sendable, Equatable {
        package var route: String
        package var served: Int
        package var samples: Int
        package var races: Int
        package var mismatches: Int
        package var notCompared: [NotCompared: Int]
        package var old: Latency
        package var new: Latency

        /// Answers that could have been compared.
        package var comparable: Int {
            served
                - [
                    NotCompared.notARead, .notNative, .notServed, .cutOff, .effectUnknown, .tooBig, .encoded,
                    .modeChanged,
                ]
                .reduce(0) { $0 + (notCompared[$1] ?? 0) }
        }
    }

    package var subsystem: Subsystem
    package var served = 0
    package var samples = 0
    package var races = 0
    package var mismatches = 0
    package var notCompared: [NotCompared: Int] = [:]
    package var old = Latency()
    package var new = Latency()
    /// Unix seconds.
    package var first: Double?
    package var last: Double?
    /// By name.
    package var routes: [Route] = []
    package var verdict = ShadowVerdict.notYet("nothing was compared")

    package init(_ subsystem: Subsystem, _ evidence: [RouteEvidence], bounds: ShadowBounds = ShadowBounds()) {
        self.subsystem = subsystem
        let own = evidence.filter { $0.subsystem == subsystem }.sorted { $0.route < $1.route }
        for one in own {
            served += one.served
            samples += one.samples
            races += one.races
            mismatches += one.mismatches
            notCompared.merge(one.notCompared, uniquingKeysWith: +)
            routes.append(
                Route(
                    route: one.route, served: one.served, samples: one.samples, races: one.races,
                    mismatches: one.mismatches, notCompared: one.notCompared, old: Self.latency([one.old]),
                    new: Self.latency([one.new])))
        }
        first = own.compactMap(\.first).min()
        last = own.compactMap(\.last).max()
        old = Self.latency(own.map(\.old))
        new = Self.latency(own.map(\.new))
        verdict = bounds.verdict(self)
    }

    private static func latency(_ windows: [LatencyWindow]) -> Latency {
        Latency(p50: LatencyWindow.quantile(0.5, of: windows), p99: LatencyWindow.quantile(0.99, of: windows))
    }

    /// For `GET /cutover/status` and the file that `cutover status` reads.
    package func value() -> PyValue {
        let parts: [(PyString, PyValue)] = [
            ("served", .int(served)), ("samples", .int(samples)), ("races", .int(races)),
            ("mismatches", .int(mismatches)), ("not_compared", Self.value(notCompared)),
            ("old_ms", Self.value(old)), ("new_ms", Self.value(new)), ("first", Self.value(first)),
            ("last", Self.value(last)), ("verdict", .string(PyString(verdict.description))),
            (
                "routes",
                .dict(
                    PyDict(
                        routes.map { route in
                            (
                                PyString(route.route),
                                .dict([
                                    "served": .int(route.served), "samples": .int(route.samples),
                                    "races": .int(route.races), "mismatches": .int(route.mismatches),
                                    "not_compared": Self.value(route.notCompared), "old_ms": Self.value(route.old),
                                    "new_ms": Self.value(route.new),
                                ])
                            )
                        }))
            ),
        ]
        return .dict(PyDict(parts))
    }

    private static func value(_ reasons: [NotCompared: Int]) -> PyValue {
        let parts = NotCompared.allCases.compactMap { reason in
            reasons[reason].map { (PyString(reason.rawValue), PyValue.int($0)) }
        }
        return .dict(PyDict(parts))
    }

    private static func value(_ latency: Latency) -> PyValue {
        .dict(["p50": value(latency.p50), "p99": value(latency.p99)])
    }

    private static func value(_ number: Double?) -> PyValue {
        number.map { .float(($0 * 1000).rounded() / 1000) } ?? .none
    }
}
