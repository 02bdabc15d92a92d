#define _GNU_SOURCE
#include "CPythonEmbedABI.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char library_name[] = "libCPythonEmbed.so";

static char *text(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *result = NULL;
    if (vasprintf(&result, format, arguments) < 0) {
        result = NULL;
    }
    va_end(arguments);
    return result;
}

/// "libpython3.11.so.1.0: cannot open shared object file: …" says what is missing, not what to do about it.
static char *explain(const char *reason) {
    if (strncmp(reason, "libpython", 9) == 0 && strstr(reason, "cannot open shared object file") != NULL) {
        int length = (int)strcspn(reason, ":");
        const char *end = strstr(reason, ".so"); // libpython3.11.so.1.0 is in package libpython3.11
        int name = end != NULL ? (int)(end - reason) : length;
        return text(
            "%.*s cannot be opened: the embedded Python needs it (Debian, Ubuntu: apt-get install %.*s)", length,
            reason, name, reason);
    }
    return text("%s", reason);
}

static const struct cpe_api *open_library(const char *path, char **error) {
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (library == NULL) {
        const char *reason = dlerror();
        *error = explain(reason != NULL ? reason : "dlopen failed");
        return NULL;
    }
    cpe_get_api_function get_api = (cpe_get_api_function)dlsym(library, "cpe_get_api");
    const struct cpe_api *api = get_api != NULL ? get_api(CPYTHON_EMBED_ABI) : NULL;
    if (api == NULL) {
        *error = text("%s does not belong to this build (it lacks interface %d)", path, CPYTHON_EMBED_ABI);
    }
    return api;
}

static int executable_directory(char *buffer, size_t size) {
    ssize_t length = readlink("/proc/self/exe", buffer, size - 1);
    if (length <= 0) {
        return 0;
    }
    buffer[length] = '\0';
    char *slash = strrchr(buffer, '/');
    if (slash == NULL) {
        return 0;
    }
    *slash = '\0';
    return 1;
}

const struct cpe_api *cpe_load(const char *extra_directory, char **error) {
    char own[PATH_MAX];
    char installed[PATH_MAX + 32];
    const char *directories[4] = {getenv("RINGRIFT_LIB_DIR"), NULL, NULL, extra_directory};
    if (executable_directory(own, sizeof own)) {
        snprintf(installed, sizeof installed, "%s/../lib/ringrift", own);
        directories[1] = own;
        directories[2] = installed;
    }
    *error = NULL;
    char looked[4 * PATH_MAX] = "";
    for (int index = 0; index < 4; index++) {
        char path[PATH_MAX + 64];
        if (directories[index] == NULL || directories[index][0] == '\0') {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", directories[index], library_name);
        size_t used = strlen(looked);
        snprintf(looked + used, sizeof looked - used, "%s%s", used > 0 ? ", " : "", directories[index]);
        if (access(path, F_OK) == 0) {
            // The first library that exists decides: falling through to another build would hide its fault.
            return open_library(path, error);
        }
    }
    const struct cpe_api *api = open_library(library_name, error);
    if (api == NULL && *error != NULL && strncmp(*error, library_name, strlen(library_name)) == 0
        && strstr(*error, "cannot open shared object file") != NULL) {
        free(*error);
        *error = text("%s not found (looked in %s and the system's library path; RINGRIFT_LIB_DIR names another "
                      "directory)", library_name, looked);
    }
    return api;
}
