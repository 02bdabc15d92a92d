import PythonSemantics

/// How many jobs bring a GPU to 80 %; contract 06 sections 4.15 and 4.16.
enum GPUHeadroom {
    static let minimum = 60.0
    static let maximum = 80.0

    /// - Parameters:
    ///   - percent: what the GPU does now.
    ///   - name: in lower case.
    ///   - most: never more than this.
    static func jobs(percent: Double, name: PyString, most: Int) -> Int {
        let perTenPercent =
            if name.containsAny(["h100", "h200", "gh200", "5090"]) {
                2.0
            } else if name.containsAny(["a100", "4090", "3090"]) {
                1.5
            } else {
                1.0
            }
        return min(max(1, Int((maximum - percent) / 10 * perTenPercent)), most)
    }
}
