import HTTPService
import P2PModel
import P2PServices
import PythonSemantics

/// Reports on the games of the last day; all failures have status 200.
extension NodeRuntime {
    /// GET /victory/table; contract 12 section 3.8.
    func victoryTable(_ request: ServiceRequest) async throws -> ServiceResponse {
        let now = effects.clock.now()
        let board = request.query("board_type").map { PyString($0) }
        // A number of players that is none does not filter.
        let players = request.query("num_players").flatMap { try? PyNumber.int(PyString($0)) } ?? .none
        let statistics = await reading.run { [reports] in reports.victories(now: now) }
        do throws(PyException) {
            return try .json(.list(statistics.table(board: board, players: players)))
        } catch {
            return try .json(.list([error.body]))
        }
    }

    /// GET /games/analytics; contract 12 section 3.9.
    func gamesAnalytics(_ request: ServiceRequest) async throws -> ServiceResponse {
        let now = effects.clock.now()
        if reports.isYoung(now: now) {
            return try .json(.dict(["configs": [:], "message": "Startup in progress"]))
        }
        do throws(PyException) {
            let hours = try PyNumber.int(PyString(request.query("hours", default: "24")))
            let cutoff = try PyNumber.float(PyNumber.sub(.float(now), PyNumber.mul(hours, 3600)))
            let report = await reading.run { [reports] () -> Result<PyDict, PyException> in
                do throws(PyException) {
                    return .success(try GameAnalytics.report(reports.games, since: cutoff, hours: hours))
                } catch {
                    return .failure(error)
                }
            }
            return try .json(.dict(try report.get()))
        } catch {
            return try .json(error.body)
        }
    }

    /// GET /data/quality and its two excerpts; contract 12 section 3.10.
    func dataQuality(_ shown: (DataQuality) -> PyValue) async throws -> ServiceResponse {
        let now = effects.clock.now()
        let quality = await reading.run { [reports] in reports.quality(now: now) }
        return try .json(shown(quality))
    }
}
