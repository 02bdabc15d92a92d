/// Runs before routing, so for unknown paths too; calls the given handler to go on. The first one in a list is outermost.
package typealias Middleware = @Sendable (ServiceRequest, RouteHandler) async throws -> ServiceResponse
