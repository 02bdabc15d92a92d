import Foundation
import PythonSemantics

// json-benchmark FILE...: a line per file: name, bytes, microseconds of CPU time for loads and for dumps.
//
// The counterpart of `json.loads(body.decode("utf-8"))` and `json.dumps(value).encode("utf-8")` in
// scripts/bench/json_bench.py, which starts both and prints the table. Each figure is the best of seven batches of about
// 10 MB of text each; thread CPU time, so that other processes on the machine do not count.

/// CPU time of this thread in seconds.
func threadTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Microseconds for one call of `body`, whose results are summed so that no call can be left out.
func microseconds(calls: Int, _ body: () throws -> Int) rethrows -> Double {
    var best = Double.infinity
    var sum = 0
    for _ in 0..<7 {
        let start = threadTime()
        for _ in 0..<calls { sum &+= try body() }
        best = min(best, (threadTime() - start) / Double(calls))
    }
    precondition(sum != 0, "nothing was decoded or encoded")
    return best * 1e6
}

let files = CommandLine.arguments.dropFirst()
guard !files.isEmpty else {
    FileHandle.standardError.write(Data("usage: json-benchmark FILE...\n".utf8))
    exit(2)
}
for path in files {
    do {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let value = try PyJSON.decodeBody(bytes, charset: nil)
        guard try PyJSON.dumps(value) == bytes else {
            FileHandle.standardError.write(Data("json-benchmark: \(path) changes on its way through\n".utf8))
            exit(1)
        }
        let calls = max(5, 10_000_000 / max(bytes.count, 1))
        let loads = try microseconds(calls: calls) { try PyJSON.decodeBody(bytes, charset: nil).isTruthy ? 1 : 0 }
        let dumps = try microseconds(calls: calls) { try PyJSON.dumps(value).count }
        print("\(path)\t\(bytes.count)\t\(loads)\t\(dumps)")
    } catch {
        FileHandle.standardError.write(Data("json-benchmark: \(path): \(error)\n".utf8))
        exit(1)
    }
}
