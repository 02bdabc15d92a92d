import PythonSemantics

extension NodeInfo {
    /// `to_dict`: the 32 fields, then the five derived keys.
    ///
    /// - Throws: what Python throws when a field holds a value that the derived keys cannot work with.
    package func toDict() throws(PyException) -> PyDict {
        var dict = PyDict()
        for (index, field) in Self.schema.fields.enumerated() { dict[field.name] = values[index] }
        dict["load_score"] = .float(try loadScore())
        dict["gpu_power_score"] = try gpuPowerScore()
        dict["cpu_power_score"] = try cpuPowerScore()
        dict["is_cpu_only_node"] = .bool(isCPUOnlyNode)
        dict["is_cuda_gpu_node"] = try isCUDAGPUNode()
        return dict
    }

    /// The text of `json.dumps(to_dict())`, followed by `extra` keys inside the same object, without building a dict.
    package func appendJSON(
        to bytes: inout [UInt8], extra: [(key: PyString, value: PyValue)] = []
    ) throws(PyException) {
        bytes.append(contentsOf: try memo.json(openJSON))
        for (key, value) in extra {
            bytes.append(contentsOf: [UInt8(ascii: ","), UInt8(ascii: " ")])
            PyJSON.appendString(key, to: &bytes)
            bytes.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
            try PyJSON.append(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The object's text without its closing brace.
    private func openJSON() throws(PyException) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        let derived: [PyValue] = [
            .float(try loadScore()), try gpuPowerScore(), try cpuPowerScore(), .bool(isCPUOnlyNode),
            try isCUDAGPUNode(),
        ]
        for index in values.indices {
            bytes.append(contentsOf: Self.keyBytes[index])
            try PyJSON.append(values[index], to: &bytes)
        }
        for (index, value) in derived.enumerated() {
            bytes.append(contentsOf: Self.keyBytes[values.count + index])
            try PyJSON.append(value, to: &bytes)
        }
        return bytes
    }

    private static let keyBytes: [[UInt8]] = {
        let derived = ["load_score", "gpu_power_score", "cpu_power_score", "is_cpu_only_node", "is_cuda_gpu_node"]
        let names = schema.fields.map { String(describing: $0.name) } + derived
        return names.enumerated().map { Array("\($0 == 0 ? "{" : ", ")\"\($1)\": ".utf8) }
    }()
}
