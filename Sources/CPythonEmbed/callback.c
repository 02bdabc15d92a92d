// Trampolines: Python callables that run a Swift function. The interpreter is given up during the Swift part, so that
// a lock taken there can never wait for a thread that waits for the interpreter.
#include <stdlib.h>

#include "internal.h"

struct function {
    cpe_callback callback;
    void *context;
    int flags;
};

static const char capsule_name[] = "ringrift.function";

static void function_free(PyObject *capsule) { free(PyCapsule_GetPointer(capsule, capsule_name)); }

static int encode_argument(PyObject *argument, int flags, struct cpe_buffer *buffer) {
    size_t position = buffer->count;
    int reports = flags & CPE_FUNCTION_REPORTS_ERRORS;
    if (reports && PyExceptionInstance_Check(argument)) {
        if (cpe_put_tag(buffer, CPE_TAG_EXCEPTION) < 0) {
            return -1;
        }
        cpe_describe_exception(argument, buffer);
        return 0;
    }
    if (cpe_encode(reference_of(argument), buffer) == 0) {
        return 0;
    }
    if (!reports) {
        return -1;
    }
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    buffer->count = position;
    int result = cpe_put_tag(buffer, CPE_TAG_EXCEPTION);
    PyErr_Restore(type, value, traceback);
    if (result == 0) {
        cpe_take_error(buffer);
    }
    return result;
}

/// Raises the builtin exception class that the reply names; RuntimeError when there is none of that name. NULL.
static PyObject *raise_reply(PyObject *reply) {
    PyObject *name = NULL;
    PyObject *message = NULL;
    if (!PyList_Check(reply) || PyList_GET_SIZE(reply) != 2) {
        PyErr_SetString(PyExc_SystemError, "malformed error from Swift");
        return NULL;
    }
    name = PyList_GET_ITEM(reply, 0);
    message = PyList_GET_ITEM(reply, 1);
    PyObject *builtins = PyEval_GetBuiltins(); // borrowed
    PyObject *class = builtins != NULL ? PyDict_GetItemWithError(builtins, name) : NULL;
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (class == NULL || !PyExceptionClass_Check(class)) {
        class = PyExc_RuntimeError;
    }
    PyErr_SetObject(class, message);
    return NULL;
}

static PyObject *function_call(PyObject *capsule, PyObject *arguments) {
    struct function *function = PyCapsule_GetPointer(capsule, capsule_name);
    if (function == NULL) {
        return NULL;
    }
    struct cpe_buffer input = {NULL, 0, 0};
    struct cpe_buffer reply = {NULL, 0, 0};
    PyObject *result = NULL;
    Py_ssize_t count = PyTuple_GET_SIZE(arguments);
    int failed = cpe_put_count(&input, CPE_TAG_LIST, (size_t)count) < 0;
    for (Py_ssize_t index = 0; !failed && index < count; index++) {
        failed = encode_argument(PyTuple_GET_ITEM(arguments, index), function->flags, &input) < 0;
    }
    if (!failed) {
        int status;
        Py_BEGIN_ALLOW_THREADS
        status = function->callback(function->context, input.bytes, input.count, &reply);
        Py_END_ALLOW_THREADS
        const uint8_t *cursor = reply.bytes;
        result = cpe_decode(&cursor, reply.bytes + reply.count);
        if (status != 0 && result != NULL) {
            PyObject *error = result;
            result = raise_reply(error);
            Py_DECREF(error);
        }
    }
    cpe_buffer_free(&input);
    cpe_buffer_free(&reply);
    return result;
}

static PyMethodDef function_definition = {"swift_function", function_call, METH_VARARGS, "A function of the host."};

cpe_ref cpe_function_new(const char *name, cpe_callback callback, void *context, int flags) {
    struct function *function = malloc(sizeof *function);
    if (function == NULL) {
        return reference_of(PyErr_NoMemory());
    }
    *function = (struct function){callback, context, flags};
    PyObject *capsule = PyCapsule_New(function, capsule_name, function_free);
    if (capsule == NULL) {
        free(function);
        return NULL;
    }
    PyObject *module = PyUnicode_FromString(name); // shown in repr
    PyObject *result = module != NULL ? PyCFunction_NewEx(&function_definition, capsule, module) : NULL;
    Py_XDECREF(module);
    Py_DECREF(capsule);
    return reference_of(result);
}
