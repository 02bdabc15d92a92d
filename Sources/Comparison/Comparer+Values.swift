import PythonSemantics

extension Comparer {
    /// Compares JSON values: key order, int and float told apart.
    /// - Parameters:
    ///   - references: what the recordings hold at this place, at least one.
    ///   - candidate: what the candidate holds there.
    package mutating func compare(_ path: ValuePath, references: [PyValue], candidate: PyValue) {
        guard let first = references.first else { return }
        let type = candidate.typeName
        guard references.allSatisfy({ $0.typeName == first.typeName }) else {
            compareMixed(path, references: references, candidate: candidate)
            return
        }
        if type != first.typeName {
            count(loosened: false)
            report(
                path, .type, references: references, candidate: candidate,
                expected: "\(first.typeName) \(ParityText.json(first))",
                got: "\(type) \(ParityText.json(candidate))")
            return
        }
        switch candidate {
        case .dict(let dict):
            compareDicts(path, references: references.compactMap(\.parityDict), candidate: dict)
        case .list(let list):
            compareLists(path, references: references.compactMap(\.parityList), candidate: list)
        case .string(let text):
            compareStrings(path, references: references, candidate: text)
        default:
            compareScalars(path, references: references, candidate: candidate)
        }
    }

    /// The references differ in type: the candidate is compared with those of its own type, as noise.
    private mutating func compareMixed(_ path: ValuePath, references: [PyValue], candidate: PyValue) {
        let types = Set(references.map(\.typeName))
        if !types.contains(candidate.typeName) {
            count(loosened: true)
            report(
                path, .type, references: references, candidate: candidate,
                expected: types.sorted().joined(separator: "|"), got: candidate.typeName)
            return
        }
        if candidate.isNone {
            loosen(path, "one of several types")
            noteEqual(path)
            return
        }
        let alike = references.indices.filter { references[$0].typeName == candidate.typeName }
        comparePool(path, references: alike.map { references[$0] }, origins: alike.map(origin), candidate: candidate)
    }

    /// Compares with values of other places or of some references only: as noise, also where they agree.
    /// - Parameter origins: the run that each reference is of.
    mutating func comparePool(_ path: ValuePath, references: [PyValue], origins: [Int], candidate: PyValue) {
        let before = (pooled, self.origins)
        pooled = true
        self.origins = origins
        compare(path, references: references, candidate: candidate)
        (pooled, self.origins) = before
    }

    /// Compares with what some of the references have at a place.
    mutating func compareSome(_ path: ValuePath, references: [(index: Int, value: PyValue)], candidate: PyValue) {
        let before = origins
        origins = references.map { origin($0.index) }
        compare(path, references: references.map(\.value), candidate: candidate)
        origins = before
    }

    /// Only one of several references shows what is compared.
    var isAlone: Bool { origins?.count == 1 }

    /// Which run the reference at this position is of.
    func origin(_ position: Int) -> Int {
        guard let origins else { return position }
        return origins.indices.contains(position) ? origins[position] : 0
    }

    private mutating func compareScalars(_ path: ValuePath, references: [PyValue], candidate: PyValue) {
        let agreed = references.dropFirst().allSatisfy { Self.same(references[0], $0) }
        if agreed, !pooled {
            if Self.same(references[0], candidate) {
                count(loosened: false)
                noteEqual(path)
            } else if let seen = references[0].parityNumber,
                plausibility.agreesByTime(
                    seen, resolution: 1, alone: isAlone)
            {
                settle(path, scalar(path, references, candidate), references, candidate)
            } else {
                count(loosened: false)
                report(
                    path, .value, references: references, candidate: candidate,
                    expected: ParityText.json(references[0]), got: ParityText.json(candidate))
            }
        } else {
            settle(path, scalar(path, references, candidate), references, candidate)
        }
    }

    private mutating func settle(
        _ path: ValuePath, _ verdict: Plausibility.Verdict, _ references: [PyValue], _ candidate: PyValue
    ) {
        settle(
            path, verdict, kind: .value, references: references, candidate: candidate,
            got: ParityText.json(candidate))
    }

    private func scalar(_ path: ValuePath, _ references: [PyValue], _ candidate: PyValue) -> Plausibility.Verdict {
        guard let value = candidate.parityNumber else { return Plausibility.Verdict(noise: candidate.typeName) }
        let seen = references.enumerated().compactMap { entry in
            entry.element.parityNumber.map { (index: origin(entry.offset), value: $0) }
        }
        return plausibility.number(value, references: seen, name: path.segments.last ?? "")
    }

    /// Equality that also tells 0.0 from -0.0, which the text of an answer shows.
    static func same(_ left: PyValue, _ right: PyValue) -> Bool {
        if case .float(let a) = left, case .float(let b) = right {
            return a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
        }
        return left == right
    }
}
