#include <stdlib.h>
#include <string.h>

#include "internal.h"

int cpe_buffer_append(struct cpe_buffer *buffer, const uint8_t *bytes, size_t count) {
    if (count > SIZE_MAX - buffer->count) {
        return -1;
    }
    size_t needed = buffer->count + count;
    if (needed > buffer->capacity) {
        size_t capacity = buffer->capacity < 256 ? 256 : buffer->capacity;
        while (capacity < needed) {
            if (capacity > SIZE_MAX / 2) {
                return -1;
            }
            capacity *= 2;
        }
        uint8_t *grown = realloc(buffer->bytes, capacity);
        if (grown == NULL) {
            return -1;
        }
        buffer->bytes = grown;
        buffer->capacity = capacity;
    }
    if (count > 0) {
        memcpy(buffer->bytes + buffer->count, bytes, count);
    }
    buffer->count = needed;
    return 0;
}

void cpe_buffer_free(struct cpe_buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct cpe_buffer){NULL, 0, 0};
}
