import Foundation
import Glibc

/// `ringrift parity __cli JOB`: process 1 of the sandbox of a command-line case. It starts `__cli JOB play`, collects
/// whatever ends without a parent, and ends with it; then the kernel ends everything in the sandbox.
enum CommandLineInside {
    static func main(_ arguments: [String]) -> Int32 {
        do {
            if arguments.count == 2, arguments[1] == "play", isBelowOurFirstProcess {
                try CommandLinePlayer(job: CommandLineJob(contentsOf: arguments[0])).play()
                return 0
            }
            guard arguments.count == 1, getpid() == 1 else { throw ParityError("__cli is for the harness itself") }
            endWithHarness()
            let player = try ChildProcess(
                [ParityPlaces.executable, "parity", "__cli", arguments[0], "play"],
                environment: ProcessInfo.processInfo.environment, output: 1, errors: 2)
            return collect(until: player.pid)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            return 2
        }
    }

    /// Playing ends every process it can see: never outside a sandbox.
    private static var isBelowOurFirstProcess: Bool {
        let first = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/1/exe")
        return getppid() == 1 && first != nil && first == ParityPlaces.executable
    }

    /// Standard input is a pipe from the harness: at its end the harness is gone, and so are we.
    private static func endWithHarness() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(0, &byte, 1) > 0 {}
            _exit(3)
        }
    }

    private static func collect(until player: pid_t) -> Int32 {
        var status: Int32 = 0
        while true {
            let pid = wait(&status)
            if pid == player { return status & 0x7F == 0 ? status >> 8 & 0xFF : 3 }
            if pid < 0, errno != EINTR { return 3 }
        }
    }
}
