// Bytes → Python object. The bytes come from our own encoder; lengths are checked all the same, because a wrong one
// would read foreign memory.
#include <string.h>

#include "internal.h"

static PyObject *malformed(void) {
    PyErr_SetString(PyExc_SystemError, "malformed value from Swift");
    return NULL;
}

/// Moves the cursor over `count` bytes; NULL with an exception when they are not there.
static const uint8_t *take(const uint8_t **cursor, const uint8_t *end, size_t count) {
    if ((size_t)(end - *cursor) < count) {
        malformed();
        return NULL;
    }
    const uint8_t *start = *cursor;
    *cursor += count;
    return start;
}

static int take_count(const uint8_t **cursor, const uint8_t *end, size_t *count) {
    const uint8_t *bytes = take(cursor, end, 4);
    if (bytes == NULL) {
        return -1;
    }
    uint32_t narrow;
    memcpy(&narrow, bytes, 4);
    *count = narrow;
    return 0;
}

static PyObject *decode_big_int(const uint8_t *digits, size_t count) {
    char *text = PyMem_Malloc(count + 1); // PyLong_FromString wants a terminator
    if (text == NULL) {
        return PyErr_NoMemory();
    }
    memcpy(text, digits, count);
    text[count] = '\0';
    PyObject *result = PyLong_FromString(text, NULL, 16);
    PyMem_Free(text);
    return result;
}

static PyObject *decode_code_points(const uint8_t *bytes, size_t count) {
    Py_UCS4 *points = PyMem_New(Py_UCS4, count + 1); // aligned copy
    if (points == NULL) {
        return PyErr_NoMemory();
    }
    memcpy(points, bytes, count * 4);
    PyObject *result = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, points, (Py_ssize_t)count);
    PyMem_Free(points);
    return result;
}

static PyObject *decode_list(const uint8_t **cursor, const uint8_t *end, size_t count) {
    if (count > (size_t)(end - *cursor)) { // every element takes a byte at least
        return malformed();
    }
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t index = 0; list != NULL && index < count; index++) {
        PyObject *item = cpe_decode(cursor, end);
        if (item == NULL) {
            Py_CLEAR(list);
        } else {
            PyList_SET_ITEM(list, (Py_ssize_t)index, item);
        }
    }
    return list;
}

static PyObject *decode_dict(const uint8_t **cursor, const uint8_t *end, size_t count) {
    PyObject *dict = PyDict_New();
    for (size_t index = 0; dict != NULL && index < count; index++) {
        PyObject *key = cpe_decode(cursor, end);
        PyObject *value = key != NULL ? cpe_decode(cursor, end) : NULL;
        if (value == NULL || PyDict_SetItem(dict, key, value) < 0) {
            Py_CLEAR(dict);
        }
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return dict;
}

static PyObject *decode_sized(uint8_t tag, const uint8_t **cursor, const uint8_t *end) {
    size_t count = 0;
    if (take_count(cursor, end, &count) < 0) {
        return NULL;
    }
    const uint8_t *bytes = NULL;
    PyObject *result = NULL;
    switch (tag) {
    case CPE_TAG_UTF8:
        bytes = take(cursor, end, count);
        return bytes == NULL ? NULL : PyUnicode_DecodeUTF8((const char *)bytes, (Py_ssize_t)count, "strict");
    case CPE_TAG_BIG_INT:
        bytes = take(cursor, end, count);
        return bytes == NULL ? NULL : decode_big_int(bytes, count);
    case CPE_TAG_CODE_POINTS:
        bytes = take(cursor, end, count * 4);
        return bytes == NULL ? NULL : decode_code_points(bytes, count);
    case CPE_TAG_LIST:
    case CPE_TAG_DICT:
        if (Py_EnterRecursiveCall(" while taking a value from Swift")) {
            return NULL;
        }
        result = tag == CPE_TAG_LIST ? decode_list(cursor, end, count) : decode_dict(cursor, end, count);
        Py_LeaveRecursiveCall();
        return result;
    default:
        return malformed();
    }
}

PyObject *cpe_decode(const uint8_t **cursor, const uint8_t *end) {
    const uint8_t *tag = take(cursor, end, 1);
    if (tag == NULL) {
        return NULL;
    }
    const uint8_t *bytes = NULL;
    int64_t integer;
    double number;
    switch (*tag) {
    case CPE_TAG_NONE:
        return Py_NewRef(Py_None);
    case CPE_TAG_TRUE:
        return Py_NewRef(Py_True);
    case CPE_TAG_FALSE:
        return Py_NewRef(Py_False);
    case CPE_TAG_INT:
        bytes = take(cursor, end, 8);
        if (bytes == NULL) {
            return NULL;
        }
        memcpy(&integer, bytes, 8);
        return PyLong_FromLongLong(integer);
    case CPE_TAG_FLOAT:
        bytes = take(cursor, end, 8);
        if (bytes == NULL) {
            return NULL;
        }
        memcpy(&number, bytes, 8);
        return PyFloat_FromDouble(number);
    default:
        return decode_sized(*tag, cursor, end);
    }
}
