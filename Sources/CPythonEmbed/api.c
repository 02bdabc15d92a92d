// The table, and the functions that are one CPython call each.
#include <string.h>

#include "internal.h"

static cpe_thread_ref thread_of_main(void) { return (cpe_thread_ref)PyEval_SaveThread(); }

static cpe_thread_ref thread_open(void) {
    // Registers itself for PyGILState_Ensure too, which extension modules call on this thread.
    return (cpe_thread_ref)PyThreadState_New(PyInterpreterState_Main());
}

static void attach(cpe_thread_ref thread) { PyEval_RestoreThread((PyThreadState *)thread); }

static void detach(cpe_thread_ref thread) {
    (void)thread;
    PyEval_SaveThread();
}

static unsigned long thread_identity(void) { return PyThread_get_thread_ident(); }

static int interrupt(unsigned long identity, int raise) {
    return PyThreadState_SetAsyncExc(identity, raise ? PyExc_TimeoutError : NULL);
}

static cpe_ref import_module(const char *name) { return reference_of(PyImport_ImportModule(name)); }

static cpe_ref module_from_source(const char *name, const char *source) {
    char file[128];
    snprintf(file, sizeof file, "<%s>", name);
    PyObject *code = Py_CompileString(source, file, Py_file_input);
    PyObject *module = code != NULL ? PyImport_ExecCodeModule(name, code) : NULL;
    Py_XDECREF(code);
    return reference_of(module);
}

static cpe_ref attribute(cpe_ref object, const char *path) {
    PyObject *current = Py_NewRef(object_of(object));
    while (current != NULL && *path != '\0') {
        size_t length = strcspn(path, ".");
        PyObject *name = PyUnicode_DecodeUTF8(path, (Py_ssize_t)length, "strict");
        PyObject *next = name != NULL ? PyObject_GetAttr(current, name) : NULL;
        Py_XDECREF(name);
        Py_DECREF(current);
        current = next;
        path += length + (path[length] == '.');
    }
    return reference_of(current);
}

static int set_attribute(cpe_ref object, const char *name, cpe_ref value) {
    return PyObject_SetAttrString(object_of(object), name, object_of(value));
}

static cpe_ref call(cpe_ref callable, const uint8_t *payload, size_t count) {
    const uint8_t *cursor = payload;
    const uint8_t *end = payload + count;
    PyObject *list = cpe_decode(&cursor, end);
    PyObject *keywords = list != NULL ? cpe_decode(&cursor, end) : NULL;
    PyObject *arguments = keywords != NULL ? PySequence_Tuple(list) : NULL;
    PyObject *result = arguments != NULL ? PyObject_Call(object_of(callable), arguments, keywords) : NULL;
    Py_XDECREF(arguments);
    Py_XDECREF(keywords);
    Py_XDECREF(list);
    return reference_of(result);
}

static void release(cpe_ref object) { Py_XDECREF(object_of(object)); }

static const struct cpe_api api = {
    .abi_version = CPYTHON_EMBED_ABI,
    .version = cpe_version,
    .library_path = cpe_library_path,
    .initialize = cpe_initialize,
    .run_main = cpe_run_main,
    .thread_of_main = thread_of_main,
    .thread_open = thread_open,
    .attach = attach,
    .detach = detach,
    .thread_identity = thread_identity,
    .interrupt = interrupt,
    .import_module = import_module,
    .module_from_source = module_from_source,
    .attribute = attribute,
    .call = call,
    .set_attribute = set_attribute,
    .function_new = cpe_function_new,
    .release = release,
    .encode = cpe_encode,
    .take_error = cpe_take_error,
    .buffer_append = cpe_buffer_append,
    .buffer_free = cpe_buffer_free,
};

__attribute__((visibility("default"))) const struct cpe_api *cpe_get_api(int abi_version) {
    return abi_version == CPYTHON_EMBED_ABI ? &api : NULL;
}
