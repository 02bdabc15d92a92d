import Effects
import PythonSemantics

/// What a node says about its hardware, found once at start; contract 06 section 4.1.
package struct HostDescription: Sendable, Equatable {
    package var processors: Int
    package var hasGPU: Bool
    package var gpuName: String
    /// Whole GiB of memory, 16 when unknown.
    package var memoryGB: Int

    package init(processors: Int, hasGPU: Bool, gpuName: String, memoryGB: Int) {
        self.processors = processors
        self.hasGPU = hasGPU
        self.gpuName = gpuName
        self.memoryGB = memoryGB
    }

    /// `["selfplay"]`, `training` and `cmaes` with a GPU, `large_boards` from 64 GB.
    package var capabilities: [String] {
        ["selfplay"] + (hasGPU ? ["training", "cmaes"] : []) + (memoryGB >= 64 ? ["large_boards"] : [])
    }

    /// Everything but the question to PyTorch, which costs a second and is asked after the node answers.
    package static func detect(_ effects: Effects) async -> HostDescription {
        let query = ProcessRequest(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], timeout: 5)
        var name = ""
        if case .exited(0, let output, _) = await effects.processes.run(query), !output.trimmedASCII.isEmpty {
            name = output.trimmedASCII.split(separator: "\n").first.map { String($0).trimmedASCII } ?? ""
        }
        return HostDescription(
            processors: effects.probes.processorCount(), hasGPU: !name.isEmpty, gpuName: name,
            memoryGB: memoryGB(meminfo: effects.probes.procFile("meminfo")))
    }

    /// Whether PyTorch has an Apple GPU (MPS); asked where `nvidia-smi` found nothing.
    package static func hasMPS(_ processes: any ProcessRunner) async -> Bool {
        let torch = ProcessRequest(
            ["python3", "-c", "import torch; print(torch.backends.mps.is_available())"], timeout: 10)
        guard case .exited(_, let output, _) = await processes.run(torch) else { return false }
        return output.contains("True")
    }

    static func memoryGB(meminfo: String?) -> Int {
        guard let meminfo, let total = ResourceUsage.parseMeminfo(meminfo)["MemTotal"] else { return 16 }
        return total / 1_048_576
    }
}

extension String {
    /// Without blanks, tabs and line ends at both ends.
    package var trimmedASCII: String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0.isNewline }
        guard let start = firstIndex(where: { !blank($0) }), let end = lastIndex(where: { !blank($0) }) else {
            return ""
        }
        return String(self[start...end])
    }
}
