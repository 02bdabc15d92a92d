// Shared by the .c files of this target; everything here stays inside the library.
#ifndef CPYTHON_EMBED_INTERNAL_H
#define CPYTHON_EMBED_INTERNAL_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "CPythonEmbed.h"

#pragma GCC visibility push(hidden)

static inline PyObject *object_of(cpe_ref reference) { return (PyObject *)reference; }
static inline cpe_ref reference_of(PyObject *object) { return (cpe_ref)object; }

// buffer.c
int cpe_buffer_append(struct cpe_buffer *buffer, const uint8_t *bytes, size_t count);
void cpe_buffer_free(struct cpe_buffer *buffer);

// encode.c: -1 with a Python exception set.
int cpe_encode(cpe_ref object, struct cpe_buffer *buffer);
int cpe_encode_text(PyObject *text, struct cpe_buffer *buffer);
int cpe_put_tag(struct cpe_buffer *buffer, uint8_t tag);
int cpe_put_count(struct cpe_buffer *buffer, uint8_t tag, size_t count);

// decode.c: reads one value and moves `*cursor` behind it; new reference, NULL with a Python exception set.
PyObject *cpe_decode(const uint8_t **cursor, const uint8_t *end);

// errors.c
void cpe_take_error(struct cpe_buffer *buffer);
void cpe_describe_exception(PyObject *exception, struct cpe_buffer *buffer);

// callback.c
cpe_ref cpe_function_new(const char *name, cpe_callback callback, void *context, int flags);

// start.c
char *cpe_initialize(const struct cpe_config *config);
int cpe_run_main(void);
const char *cpe_version(void);
const char *cpe_library_path(void);

#pragma GCC visibility pop

#endif
