#define _GNU_SOURCE
#include "CPythonEmbedABI.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct start {
    void (*body)(void *);
    void *context;
    char name[16];
};

static void *run(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    pthread_setname_np(pthread_self(), start.name);
    start.body(start.context);
    return NULL;
}

int cpe_thread_start(const char *name, size_t stack_size, void (*body)(void *), void *context) {
    struct start *start = malloc(sizeof *start);
    if (start == NULL) {
        return ENOMEM;
    }
    start->body = body;
    start->context = context;
    strncpy(start->name, name, sizeof start->name - 1);
    start->name[sizeof start->name - 1] = '\0';
    pthread_attr_t attributes;
    int failure = pthread_attr_init(&attributes);
    if (failure != 0) {
        free(start);
        return failure;
    }
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    failure = pthread_attr_setstacksize(&attributes, stack_size);
    pthread_t thread;
    if (failure == 0) {
        failure = pthread_create(&thread, &attributes, run, start);
    }
    pthread_attr_destroy(&attributes);
    if (failure != 0) {
        free(start);
        return failure;
    }
    return 0;
}
