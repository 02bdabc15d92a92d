import PythonSemantics

/// How loud an alert is (contract 02 section 16). Unknown text counts as a warning.
package struct AlertLevel: Sendable, Equatable {
    /// As given.
    package let name: PyString

    package init(_ name: PyString) { self.name = name }

    package static let info = AlertLevel("info")
    package static let warning = AlertLevel("warning")
    package static let error = AlertLevel("error")

    package var rank: Int {
        switch name {
        case "debug": 0
        case "info": 1
        case "error": 3
        default: 2
        }
    }

    /// Slack's colour text and Discord's number for it.
    var colour: (text: PyValue, number: PyValue) {
        switch name {
        case "info": ("#36a64f", 0x36A64F)
        case "warning": ("#ff9800", 0xFF9800)
        case "error": ("#ff0000", 0xFF0000)
        default: ("#808080", 0x808080)
        }
    }
}

/// One alert for people.
package struct Alert: Sendable, Equatable {
    package let title: PyString
    package let message: PyString
    package let level: AlertLevel
    package let fields: PyDict
    package let nodeID: PyString

    package init(
        title: PyString, message: PyString, level: AlertLevel = .warning, fields: PyDict = [:], nodeID: PyString = ""
    ) {
        self.title = title
        self.message = message
        self.level = level
        self.fields = fields
        self.nodeID = nodeID
    }

    private var heading: PyValue { .string("[" + level.name.uppercased() + "] " + title) }
    private var footer: PyValue { nodeID.isEmpty ? "RingRift AI" : .string("RingRift AI | " + nodeID) }

    /// The body of the POST to Slack; only status 200 is a success.
    ///
    /// - Parameter now: unix seconds, cut to whole ones.
    package func slackBody(now: Double) -> PyDict {
        let items = fields.map { (key, value) -> PyValue in
            ["title": .string(key), "value": .string(value.pyString), "short": true]
        }
        return [
            "attachments": [
                [
                    "color": level.colour.text, "title": heading, "text": .string(message), "fields": .list(items),
                    "footer": footer, "ts": .int(Int(now)),
                ]
            ]
        ]
    }

    /// The body of the POST to Discord; 200 and 204 are successes.
    ///
    /// - Parameter timestamp: UTC as `datetime.utcnow().isoformat()` writes it.
    package func discordBody(timestamp: PyString) -> PyDict {
        let items = fields.map { (key, value) -> PyValue in
            ["name": .string(key), "value": .string(value.pyString), "inline": true]
        }
        return [
            "embeds": [
                [
                    "title": heading, "description": .string(message), "color": level.colour.number,
                    "fields": .list(items), "footer": ["text": footer], "timestamp": .string(timestamp),
                ]
            ]
        ]
    }
}

/// Which alerts go out, and to whom.
package struct AlertGate: Sendable, Equatable {
    package let slackURL: PyString
    package let discordURL: PyString
    package let minimum: AlertLevel
    private var lastSent: [PyString: Double] = [:]

    /// - Parameter level: the text of RINGRIFT_ALERT_LEVEL.
    package init(slackURL: PyString, discordURL: PyString, level: PyString = "warning") {
        self.slackURL = slackURL
        self.discordURL = discordURL
        minimum = AlertLevel(level.lowercased())
    }

    /// Whether an alert goes out now. The same title and node is let through once in 300 s; a let-through counts as
    /// used even when its delivery fails.
    package mutating func admit(_ alert: Alert, now: Double) -> Bool {
        guard alert.level.rank >= minimum.rank, !(slackURL.isEmpty && discordURL.isEmpty) else { return false }
        let key = alert.title + ":" + alert.nodeID
        if let last = lastSent[key], now - last < 300 { return false }
        lastSent[key] = now
        return true
    }
}
