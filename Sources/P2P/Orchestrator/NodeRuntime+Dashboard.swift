import HTTPService
import PythonSemantics

extension NodeRuntime {
    /// GET /dashboard: the tree's page, read at every request; contract 01 section 3.8.
    func dashboard() -> ServiceResponse {
        let path = configuration.tree + "/scripts/dashboard_assets/dashboard.html"
        let headers = [
            (name: "Cache-Control", value: "no-store, max-age=0"), (name: "Pragma", value: "no-cache"),
            (name: "Expires", value: "0"), (name: "X-RingRift-Node-Id", value: configuration.nodeID.description),
            (name: "X-RingRift-Build-Version", value: configuration.buildVersion),
        ]
        do throws(PyException) {
            let page = try effects.files.read(path)
            return .html(String(decoding: page, as: UTF8.self), headers: headers)
        } catch {
            return .html(
                "<!doctype html><html><body style='font-family:monospace'><h3>Dashboard asset unavailable</h3>"
                    + "<pre>\(error.message)</pre><pre>Expected: \(path)</pre></body></html>", headers: headers)
        }
    }
}
