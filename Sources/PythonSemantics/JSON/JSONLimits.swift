/// Limits of the interpreter that clients can observe.
enum JSONLimits {
    /// `sys.get_int_max_str_digits()`.
    static let intDigits = 4300

    /// Containers `await request.json()` may nest in a handler of the legacy node. Measured on the real node with
    /// bodies of 950 to 999 brackets on ten POST routes: 980 pass and 981 do not, on each of them (CPython 3.11.2,
    /// aiohttp 3.12.14, recursion limit 1000 less the frames below the handler).
    static let decodeInHandler = 980

    /// Containers `web.json_response(value)` may nest when called by the handler itself: the same number, as the
    /// frames above the handler are as many (compared in a bare aiohttp application).
    static let encodeInHandler = 980
}
