import PythonSemantics

/// The legacy's own stamps and counters of scheduling, by its names and in the forms of the exchange. One that was never
/// set reads as 0.
package struct SchedulingAttributes: Sendable, Equatable {
    package var values: PyDict

    package init(_ values: PyDict = [:]) { self.values = values }

    /// A number; what is none reads as 0.
    package func number(_ name: PyString) -> Double { values[name]?.asDouble ?? 0 }

    package mutating func set(_ name: PyString, _ value: Double) { values[name] = .float(value) }

    /// Resets to the integer 0 that the legacy writes.
    package mutating func clear(_ name: PyString) { values[name] = .int(0) }

    /// The next number of a counter, from 0.
    package mutating func count(_ name: PyString) -> Int {
        let number = values[name]?.asInt ?? 0
        values[name] = .int(number + 1)
        return number
    }

    /// Whether so many seconds have passed since the stamp; then it is set.
    package mutating func isDue(_ name: PyString, every seconds: Double, now: Double) -> Bool {
        if now - number(name) < seconds { return false }
        set(name, now)
        return true
    }

    // MARK: maps

    /// The entries of a map with keys of any kind.
    package func entries(_ name: PyString) -> [(key: PyValue, value: PyValue)] {
        guard case .dict(let dict)? = values[name] else { return [] }
        if dict.count == 1, case .list(let pairs)? = dict["$map"] {
            return pairs.compactMap { pair in
                guard let key = pair[0], let value = pair[1] else { return nil }
                return (key, value)
            }
        }
        return dict.map { (.string($0), $1) }
    }

    package func value(_ name: PyString, _ key: PyValue) -> PyValue? {
        entries(name).first { $0.key.pyEquals(key) }?.value
    }

    /// Sets an entry of a map; nil removes it. A map that was never made is made by setting only.
    package mutating func setValue(_ name: PyString, _ key: PyValue, _ value: PyValue?) {
        var all = entries(name)
        switch (all.firstIndex { $0.key.pyEquals(key) }, value) {
        case (let place?, let value?): all[place].value = value
        case (let place?, nil): all.remove(at: place)
        case (nil, let value?): all.append((key, value))
        case (nil, nil): return
        }
        var plain = PyDict()
        for (key, value) in all {
            guard case .string(let text) = key, !text.hasPrefix("$") else {
                values[name] = ["$map": .list(all.map { [$0.key, $0.value] })]
                return
            }
            plain[text] = value
        }
        values[name] = .dict(plain)
    }
}
