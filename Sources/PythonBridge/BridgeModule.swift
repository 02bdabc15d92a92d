/// The Python part of the bridge: a module of its own name in `sys.modules`, made at the start on Python's main thread
/// (`threading` takes the importing thread for the main one).
enum BridgeModule {
    static let name = "_ringrift_bridge"
    /// Where ``PythonInterpreter/define(_:_:)`` puts functions.
    static let hostModule = "ringrift_host"

    static let source = """
        import builtins
        import importlib
        import io
        import sys
        import threading
        import types

        complete = None  # complete(identity, failed, value): set by the host
        emit = None      # emit(kind, ...): set by the host

        host = types.ModuleType("ringrift_host", "Functions of the process that embeds this interpreter.")
        sys.modules[host.__name__] = host


        def resolve(module, function):
            target = importlib.import_module(module)
            for part in function.split("."):
                target = getattr(target, part)
            return target


        # ---- asyncio: one loop in one daemon thread ----

        _loop = None
        _loop_lock = threading.Lock()
        _tasks = {}


        class _Raised:
            def __init__(self, error):
                self.error = error


        def _ensure_loop():
            global _loop
            with _loop_lock:
                if _loop is None:
                    import asyncio

                    loop = asyncio.new_event_loop()

                    def run():
                        asyncio.set_event_loop(loop)
                        loop.run_forever()

                    threading.Thread(target=run, name="ringrift-asyncio", daemon=True).start()
                    _loop = loop
                return _loop


        def submit(identity, module, function, arguments, keywords):
            import asyncio
            import inspect

            target = resolve(module, function)
            loop = _ensure_loop()

            async def run():
                try:
                    result = target(*arguments, **keywords)
                    return await result if inspect.isawaitable(result) else result
                except (SystemExit, KeyboardInterrupt) as error:  # would end the loop for everybody
                    return _Raised(error)

            def done(task):
                _tasks.pop(identity, None)
                if task.cancelled():
                    complete(identity, True, asyncio.CancelledError())
                elif task.exception() is not None:
                    complete(identity, True, task.exception())
                elif isinstance(task.result(), _Raised):
                    complete(identity, True, task.result().error)
                else:
                    complete(identity, False, task.result())

            def start():
                task = loop.create_task(run(), name=f"{module}.{function}")
                _tasks[identity] = task
                task.add_done_callback(done)

            loop.call_soon_threadsafe(start)


        def cancel(identity):
            def stop():
                task = _tasks.get(identity)
                if task is not None:
                    task.cancel()

            if _loop is not None:
                _loop.call_soon_threadsafe(stop)


        # ---- standard streams and logging ----

        class _LineWriter(io.TextIOBase):
            def __init__(self, kind, original):
                self._kind = kind
                self._original = original
                self._pending = ""
                self._lock = threading.RLock()  # keeps the lines of one stream in order
                self._bytes = _BytesWriter(self)

            encoding = "utf-8"
            errors = "surrogateescape"

            @property
            def buffer(self):
                return self._bytes

            def fileno(self):
                return self._original.fileno()

            def isatty(self):
                return False

            def writable(self):
                return True

            def write(self, text):
                if not isinstance(text, str):
                    raise TypeError(f"write() argument must be str, not {type(text).__name__}")
                with self._lock:
                    *lines, self._pending = (self._pending + text).split("\\n")
                    for line in lines:
                        emit(self._kind, line)
                return len(text)

            def finish(self):
                with self._lock:
                    rest, self._pending = self._pending, ""
                    if rest:
                        emit(self._kind, rest)


        class _BytesWriter(io.RawIOBase):
            def __init__(self, text):
                self._text = text

            def writable(self):
                return True

            def write(self, data):
                data = bytes(data)
                self._text.write(data.decode("utf-8", "surrogateescape"))
                return len(data)


        _streams = {}
        _handler = None


        def capture_streams(wanted):
            for name, kind in (("stdout", "out"), ("stderr", "err")):
                current = getattr(sys, name)
                if wanted and name not in _streams:
                    if current is not None:
                        current.flush()
                    _streams[name] = current
                    setattr(sys, name, _LineWriter(kind, current))
                elif not wanted and name in _streams:
                    setattr(sys, name, _streams.pop(name))
                    if isinstance(current, _LineWriter):
                        current.finish()


        def capture_logging(wanted):
            global _handler
            if not wanted and _handler is None:
                return
            import logging

            if wanted and _handler is None:

                class Handler(logging.Handler):
                    def emit(self, record):
                        try:
                            emit("log", record.name, record.levelno, record.levelname, self.format(record))
                        except Exception:
                            self.handleError(record)

                _handler = Handler()
                logging.getLogger().addHandler(_handler)
            elif not wanted:
                logging.getLogger().removeHandler(_handler)
                _handler = None


        def line_buffering(wanted):
            for stream in (sys.stdout, sys.stderr):
                if isinstance(stream, io.TextIOWrapper):
                    stream.reconfigure(line_buffering=wanted)


        def flush():
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()


        # ---- evaluation, for tests and diagnosis ----

        scratch = types.ModuleType("ringrift_scratch")
        sys.modules[scratch.__name__] = scratch


        def evaluate(code):
            import ast

            tree = ast.parse(code, "<evaluate>")
            last = None
            if tree.body and isinstance(tree.body[-1], ast.Expr):
                last = ast.Expression(tree.body.pop().value)
            exec(compile(tree, "<evaluate>", "exec"), scratch.__dict__)
            return None if last is None else eval(compile(last, "<evaluate>", "eval"), scratch.__dict__)

        """
}
