// Exceptions become data while the thread is still attached, so that no Python object outlives the attachment.
#include "internal.h"

/// Appends `text` (stolen, may be NULL); a failure is replaced by `fallback`.
static void put_text(PyObject *text, const char *fallback, struct cpe_buffer *buffer) {
    size_t position = buffer->count;
    if (text == NULL || !PyUnicode_Check(text) || cpe_encode_text(text, buffer) < 0) {
        PyErr_Clear();
        buffer->count = position;
        PyObject *replacement = PyUnicode_FromString(fallback);
        if (replacement == NULL || cpe_encode_text(replacement, buffer) < 0) {
            PyErr_Clear(); // out of memory: the reader sees a short buffer
        }
        Py_XDECREF(replacement);
    }
    Py_XDECREF(text);
}

/// "".join(traceback.format_exception(exception)): what an uncaught exception prints. New, NULL with an exception set.
static PyObject *formatted(PyObject *exception) {
    PyObject *module = PyImport_ImportModule("traceback");
    PyObject *lines = module != NULL ? PyObject_CallMethod(module, "format_exception", "O", exception) : NULL;
    PyObject *empty = lines != NULL ? PyUnicode_FromString("") : NULL;
    PyObject *text = empty != NULL ? PyUnicode_Join(empty, lines) : NULL;
    Py_XDECREF(empty);
    Py_XDECREF(lines);
    Py_XDECREF(module);
    return text;
}

void cpe_describe_exception(PyObject *exception, struct cpe_buffer *buffer) {
    PyObject *type = (PyObject *)Py_TYPE(exception);
    if (cpe_put_count(buffer, CPE_TAG_LIST, 4) < 0) {
        PyErr_Clear();
        return;
    }
    put_text(PyObject_GetAttrString(type, "__module__"), "builtins", buffer);
    put_text(PyObject_GetAttrString(type, "__qualname__"), Py_TYPE(exception)->tp_name, buffer);
    put_text(PyObject_Str(exception), "<exception str() failed>", buffer);
    put_text(formatted(exception), "", buffer);
}

void cpe_take_error(struct cpe_buffer *buffer) {
    PyObject *type = NULL;
    PyObject *value = NULL;
    PyObject *traceback = NULL;
    PyErr_Fetch(&type, &value, &traceback);
    if (type == NULL) {
        PyErr_SetString(PyExc_SystemError, "a call failed without setting an exception");
        PyErr_Fetch(&type, &value, &traceback);
    }
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL && value != NULL) {
        PyException_SetTraceback(value, traceback);
    }
    if (value != NULL) {
        cpe_describe_exception(value, buffer);
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    PyErr_Clear();
}
