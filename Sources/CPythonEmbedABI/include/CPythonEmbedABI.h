// The border between Swift and CPython: a table of function pointers over opaque handles.
//
// Swift never sees <Python.h>: it clashes with Glibc's fd_set, and nothing that links libpython may be part of the
// `ringrift` executable. libCPythonEmbed.so holds the implementations and exports one symbol, `cpe_get_api`;
// `cpe_load` opens that library at first use.
//
// Reference rules, as in CPython's manual: "new" = the caller owns the handle and gives it to `release` once;
// "borrowed" = the callee looks at it during the call and neither keeps nor releases it; "stolen" = the callee takes
// ownership. Unless a line says otherwise, handles that go in are borrowed, handles that come out are new, and a NULL
// (or -1) result means that a Python exception is set, which `take_error` turns into data.
// "Attached" = the calling thread holds the interpreter (between `attach` and `detach`).
#ifndef CPYTHON_EMBED_ABI_H
#define CPYTHON_EMBED_ABI_H

#include <stddef.h>
#include <stdint.h>

/// Number of this layout; it grows with every change of the table, so that an old library is refused by name.
#define CPYTHON_EMBED_ABI 1

/// A Python object. Opaque: only functions of the table look inside.
typedef struct cpe_object *cpe_ref;

/// The Python side of one OS thread (a PyThreadState). Belongs to the thread that opened it.
typedef struct cpe_thread *cpe_thread_ref;

/// Bytes that grow; `{NULL, 0, 0}` is a valid empty buffer. The memory belongs to the library (`buffer_free`).
struct cpe_buffer {
    uint8_t *bytes;
    size_t count;
    size_t capacity;
};

/// Value encoding, little-endian, one tag byte each; `count` and `length` are uint32.
///   N None · T True · F False · i int64 · I length, base-16 text with sign · f IEEE double
///   s length, UTF-8 · u length in code points, uint32 each (a str with lone surrogates)
///   l count, values (list, tuple) · d count, (string, value)… (dict) · X exception: a list [module, qualified name,
///   str(e), formatted traceback], only at the top level of a callback's arguments.
enum {
    CPE_TAG_NONE = 'N',
    CPE_TAG_TRUE = 'T',
    CPE_TAG_FALSE = 'F',
    CPE_TAG_INT = 'i',
    CPE_TAG_BIG_INT = 'I',
    CPE_TAG_FLOAT = 'f',
    CPE_TAG_UTF8 = 's',
    CPE_TAG_CODE_POINTS = 'u',
    CPE_TAG_LIST = 'l',
    CPE_TAG_DICT = 'd',
    CPE_TAG_EXCEPTION = 'X',
};

/// How to start. Strings are in the locale's encoding; NULL or 0 leaves Python's default.
struct cpe_config {
    const char *executable;          // sys.executable, also where a pyvenv.cfg is looked for
    const char *program_name;        // config.program_name; NULL: same as executable
    const char *const *arguments;    // sys.argv
    size_t argument_count;
    const char *const *path_entries; // placed before everything else on sys.path
    size_t path_entry_count;
    const char *script;              // what run_main runs; NULL when it will not be called
    int isolated;                    // as `python -I`
    int install_signal_handlers;     // Python's own SIGINT and SIGPIPE handling
    int configure_c_stdio;           // let Python set the buffering of C's stdin and stdout
    double switch_interval;          // sys.setswitchinterval in seconds; 0: leave it
};

/// A Swift function called from Python, detached. `arguments` is an encoded list. Result 0: `reply` holds one encoded
/// value; 1: `reply` holds an encoded list [name of a builtin exception class, message], which is raised.
typedef int (*cpe_callback)(void *context, const uint8_t *arguments, size_t count, struct cpe_buffer *reply);

/// For `function_new`: an argument that is an exception, or that cannot be encoded, arrives as X instead of failing.
#define CPE_FUNCTION_REPORTS_ERRORS 1

struct cpe_api {
    /// CPYTHON_EMBED_ABI of the library.
    int abi_version;

    // ---- before the start; no attachment needed ----

    /// "3.11.2": the version a virtual environment must have. Static text.
    const char *(*version)(void);
    /// Path of the libpython in use, to find the interpreter that belongs to it; NULL when unknown. Static text.
    const char *(*library_path)(void);
    /// Starts the interpreter on the calling thread, which becomes Python's main thread and is attached afterwards.
    /// PyConfig is a struct whose layout changes with each version, hence C. Once per process.
    /// Result NULL, or the reason as text for the caller to free().
    char *(*initialize)(const struct cpe_config *config);

    // ---- threads ----

    /// Runs the configured script as `python script args…` does and finalises the interpreter, because only
    /// finalisation joins threads, runs exit functions and flushes in Python's order. Attached main thread only.
    /// Result: the exit status. Nothing of this table may be used afterwards.
    int (*run_main)(void);
    /// Detaches the thread that called `initialize` and returns its thread, to be attached again later.
    cpe_thread_ref (*thread_of_main)(void);
    /// Makes the calling OS thread known to Python, detached. NULL: out of memory. A thread state that stays keeps
    /// threading.local and spares two allocations per attach.
    cpe_thread_ref (*thread_open)(void);
    /// Waits for the interpreter; the calling thread must be the owner of `thread` and detached.
    void (*attach)(cpe_thread_ref thread);
    /// Gives the interpreter up. `thread` must be the attached one.
    void (*detach)(cpe_thread_ref thread);
    /// threading.get_ident() of the calling thread; needs no attachment.
    unsigned long (*thread_identity)(void);
    /// Attached. `raise` 1: schedules TimeoutError in the Python code of that thread; 0: takes a scheduled one back.
    /// Result: the number of threads concerned.
    int (*interrupt)(unsigned long identity, int raise);

    // ---- objects; attached ----

    /// sys.modules entry or import of a dotted name. New.
    cpe_ref (*import_module)(const char *name);
    /// Compiles and runs source as a new module of that name in sys.modules. New.
    cpe_ref (*module_from_source)(const char *name, const char *source);
    /// getattr along a dotted path. New.
    cpe_ref (*attribute)(cpe_ref object, const char *path);
    /// Calls with an encoded list of arguments followed by an encoded dict of keywords. New.
    cpe_ref (*call)(cpe_ref callable, const uint8_t *payload, size_t count);
    /// setattr; `value` stays the caller's. 0 or -1.
    int (*set_attribute)(cpe_ref object, const char *name, cpe_ref value);
    /// A Python callable that runs `callback` detached. `context` must live as long as the process. New.
    cpe_ref (*function_new)(const char *name, cpe_callback callback, void *context, int flags);
    /// Drops a reference. Steals `object`; NULL is fine.
    void (*release)(cpe_ref object);

    // ---- conversion; attached ----

    /// Appends the encoded object. 0, or -1 with TypeError (an object or key that has no encoding), RecursionError.
    int (*encode)(cpe_ref object, struct cpe_buffer *buffer);
    /// Takes the pending exception away and appends it as the list [module, qualified name, str(e), traceback].
    /// Never fails; what cannot be told is replaced by a note.
    void (*take_error)(struct cpe_buffer *buffer);

    // ---- buffers; no attachment needed ----

    /// 0, or -1 when out of memory.
    int (*buffer_append)(struct cpe_buffer *buffer, const uint8_t *bytes, size_t count);
    void (*buffer_free)(struct cpe_buffer *buffer);
};

/// The only exported symbol of libCPythonEmbed.so. NULL when the library does not speak that version.
typedef const struct cpe_api *(*cpe_get_api_function)(int abi_version);

/// Opens libCPythonEmbed.so, with its symbols global because extension modules need libpython's, and returns its table.
/// Looked for in $RINGRIFT_LIB_DIR, the executable's directory, ../lib/ringrift beside it, `extra_directory` (may be
/// NULL; test runners), then under its plain name. The result is never closed.
/// On failure NULL, and `*error` is one line for the user, for the caller to free().
/// Hidden, so that libCPythonEmbed.so, which is built from this target too, exports nothing else.
__attribute__((visibility("hidden"))) const struct cpe_api *cpe_load(const char *extra_directory, char **error);

/// Wraps pthread_create, whose start routine and attribute types Swift sees differently per platform: runs `body` on
/// a new detached OS thread named `name` (15 characters) with that stack size. 0 or an errno value.
__attribute__((visibility("hidden"))) int cpe_thread_start(
    const char *name, size_t stack_size, void (*body)(void *), void *context);

#endif
