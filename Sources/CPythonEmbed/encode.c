// Python object → bytes. Subclasses count as their base (an IntEnum is an int, a namedtuple a list), as for json.
#include <string.h>

#include "internal.h"

static int put(struct cpe_buffer *buffer, const void *bytes, size_t count) {
    if (cpe_buffer_append(buffer, bytes, count) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

int cpe_put_tag(struct cpe_buffer *buffer, uint8_t tag) { return put(buffer, &tag, 1); }

int cpe_put_count(struct cpe_buffer *buffer, uint8_t tag, size_t count) {
    if (count > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "value too large to be handed over");
        return -1;
    }
    uint8_t head[5] = {tag};
    uint32_t narrow = (uint32_t)count;
    memcpy(head + 1, &narrow, 4);
    return put(buffer, head, sizeof head);
}

static int put_scalar(struct cpe_buffer *buffer, uint8_t tag, const void *bytes) {
    uint8_t packed[9] = {tag};
    memcpy(packed + 1, bytes, 8);
    return put(buffer, packed, sizeof packed);
}

static int encode_int(PyObject *object, struct cpe_buffer *buffer) {
    int overflow = 0;
    int64_t small = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (small == -1 && PyErr_Occurred()) {
        return -1;
    }
    if (!overflow) {
        return put_scalar(buffer, CPE_TAG_INT, &small);
    }
    // Base 16 has no digit limit (sys.set_int_max_str_digits) and takes linear time. "-0x1f" → "-1f".
    PyObject *text = PyNumber_ToBase(object, 16);
    if (text == NULL) {
        return -1;
    }
    Py_ssize_t length = 0;
    const char *digits = PyUnicode_AsUTF8AndSize(text, &length);
    int negative = digits != NULL && digits[0] == '-';
    int result = -1;
    if (digits != NULL) {
        size_t prefix = negative ? 3 : 2;
        size_t count = (size_t)length - prefix;
        result = cpe_put_count(buffer, CPE_TAG_BIG_INT, count + (size_t)negative);
        if (result == 0 && negative) {
            result = put(buffer, "-", 1);
        }
        if (result == 0) {
            result = put(buffer, digits + prefix, count);
        }
    }
    Py_DECREF(text);
    return result;
}

int cpe_encode_text(PyObject *text, struct cpe_buffer *buffer) {
    if (PyUnicode_READY(text) < 0) {
        return -1;
    }
    if (PyUnicode_IS_ASCII(text)) {
        size_t length = (size_t)PyUnicode_GET_LENGTH(text);
        return cpe_put_count(buffer, CPE_TAG_UTF8, length) < 0 ? -1 : put(buffer, PyUnicode_1BYTE_DATA(text), length);
    }
    // A fresh bytes object: PyUnicode_AsUTF8 would keep a second copy of the text alive inside the str.
    PyObject *bytes = PyUnicode_AsUTF8String(text);
    if (bytes != NULL) {
        size_t length = (size_t)PyBytes_GET_SIZE(bytes);
        int result = cpe_put_count(buffer, CPE_TAG_UTF8, length);
        if (result == 0) {
            result = put(buffer, PyBytes_AS_STRING(bytes), length);
        }
        Py_DECREF(bytes);
        return result;
    }
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        return -1;
    }
    PyErr_Clear(); // lone surrogates
    Py_UCS4 *points = PyUnicode_AsUCS4Copy(text);
    if (points == NULL) {
        return -1;
    }
    size_t length = (size_t)PyUnicode_GET_LENGTH(text);
    int result = cpe_put_count(buffer, CPE_TAG_CODE_POINTS, length);
    if (result == 0) {
        result = put(buffer, points, length * 4);
    }
    PyMem_Free(points);
    return result;
}

static int encode_value(PyObject *object, struct cpe_buffer *buffer);

/// Writes the number of elements behind a tag that was written with count 0: iterating may meet a changing container.
static int patch_count(struct cpe_buffer *buffer, size_t position, size_t count) {
    if (count > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "value too large to be handed over");
        return -1;
    }
    uint32_t narrow = (uint32_t)count;
    memcpy(buffer->bytes + position + 1, &narrow, 4);
    return 0;
}

static int encode_list(PyObject *object, struct cpe_buffer *buffer) {
    size_t position = buffer->count;
    if (cpe_put_count(buffer, CPE_TAG_LIST, 0) < 0) {
        return -1;
    }
    Py_ssize_t index = 0;
    // The size is read again each time: an element's items() may shorten the list.
    for (; index < PySequence_Fast_GET_SIZE(object); index++) {
        PyObject *item = PySequence_Fast_GET_ITEM(object, index);
        Py_INCREF(item);
        int result = encode_value(item, buffer);
        Py_DECREF(item);
        if (result < 0) {
            return -1;
        }
    }
    return patch_count(buffer, position, (size_t)index);
}

static int encode_pair(PyObject *key, PyObject *value, struct cpe_buffer *buffer) {
    if (!PyUnicode_Check(key)) {
        PyErr_Format(
            PyExc_TypeError, "dict key of type %.200s cannot be handed to Swift, keys must be str", Py_TYPE(key)->tp_name);
        return -1;
    }
    return cpe_encode_text(key, buffer) < 0 ? -1 : encode_value(value, buffer);
}

static int encode_exact_dict(PyObject *object, struct cpe_buffer *buffer) {
    size_t position = buffer->count;
    size_t count = 0;
    Py_ssize_t cursor = 0;
    PyObject *key = NULL;
    PyObject *value = NULL;
    if (cpe_put_count(buffer, CPE_TAG_DICT, 0) < 0) {
        return -1;
    }
    Py_ssize_t size = PyDict_GET_SIZE(object);
    while (PyDict_Next(object, &cursor, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        int result = encode_pair(key, value, buffer);
        Py_DECREF(key);
        Py_DECREF(value);
        if (result < 0) {
            return -1;
        }
        count++;
        if (PyDict_GET_SIZE(object) != size) {
            PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
            return -1;
        }
    }
    return patch_count(buffer, position, count);
}

/// OrderedDict and its like keep an order that PyDict_Next does not know: ask items().
static int encode_mapping(PyObject *object, struct cpe_buffer *buffer) {
    PyObject *items = PyMapping_Items(object);
    if (items == NULL) {
        return -1;
    }
    size_t count = (size_t)PyList_GET_SIZE(items);
    int result = cpe_put_count(buffer, CPE_TAG_DICT, count);
    for (size_t index = 0; result == 0 && index < count; index++) {
        PyObject *pair = PyList_GET_ITEM(items, (Py_ssize_t)index);
        if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
            PyErr_SetString(PyExc_ValueError, "items must return 2-tuples");
            result = -1;
        } else {
            result = encode_pair(PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1), buffer);
        }
    }
    Py_DECREF(items);
    return result;
}

static int encode_container(PyObject *object, struct cpe_buffer *buffer) {
    if (PyDict_CheckExact(object)) {
        return encode_exact_dict(object, buffer);
    }
    if (PyDict_Check(object)) {
        return encode_mapping(object, buffer);
    }
    if (PyList_Check(object) || PyTuple_Check(object)) {
        return encode_list(object, buffer);
    }
    PyErr_Format(
        PyExc_TypeError,
        "object of type %.200s cannot be handed to Swift (None, bool, int, float, str, list, tuple and dict can)",
        Py_TYPE(object)->tp_name);
    return -1;
}

static int encode_value(PyObject *object, struct cpe_buffer *buffer) {
    if (object == Py_None) {
        return cpe_put_tag(buffer, CPE_TAG_NONE);
    }
    if (object == Py_True || object == Py_False) {
        return cpe_put_tag(buffer, object == Py_True ? CPE_TAG_TRUE : CPE_TAG_FALSE);
    }
    if (PyUnicode_Check(object)) {
        return cpe_encode_text(object, buffer);
    }
    if (PyLong_Check(object)) {
        return encode_int(object, buffer);
    }
    if (PyFloat_Check(object)) {
        double number = PyFloat_AS_DOUBLE(object);
        return put_scalar(buffer, CPE_TAG_FLOAT, &number);
    }
    if (Py_EnterRecursiveCall(" while handing a value to Swift")) {
        return -1;
    }
    int result = encode_container(object, buffer);
    Py_LeaveRecursiveCall();
    return result;
}

int cpe_encode(cpe_ref object, struct cpe_buffer *buffer) { return encode_value(object_of(object), buffer); }
