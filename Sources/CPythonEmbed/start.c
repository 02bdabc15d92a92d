#define _GNU_SOURCE // dladdr
#include "internal.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

const char *cpe_version(void) {
    static char version[32];
    const char *full = Py_GetVersion(); // "3.11.2 (main, …) [GCC …]"; works before initialisation
    size_t length = strcspn(full, " +");
    if (length >= sizeof version) {
        length = sizeof version - 1;
    }
    memcpy(version, full, length);
    version[length] = '\0';
    return version;
}

const char *cpe_library_path(void) {
    Dl_info info;
    return dladdr((void *)Py_GetVersion, &info) != 0 ? info.dli_fname : NULL;
}

static PyStatus set_string(PyConfig *config, wchar_t **field, const char *value) {
    return value != NULL ? PyConfig_SetBytesString(config, field, value) : PyStatus_Ok();
}

/// sys.orig_argv as a command line would have it: the interpreter, then the script's own arguments.
static PyStatus set_original_arguments(PyConfig *config, const struct cpe_config *wanted) {
    size_t count = wanted->argument_count + 1;
    wchar_t **texts = calloc(count, sizeof *texts);
    PyStatus status = texts != NULL ? PyStatus_Ok() : PyStatus_NoMemory();
    for (size_t index = 0; texts != NULL && index < count; index++) {
        const char *text = index == 0 ? wanted->executable : wanted->arguments[index - 1];
        texts[index] = Py_DecodeLocale(text != NULL ? text : "", NULL);
        if (texts[index] == NULL) {
            status = PyStatus_NoMemory();
        }
    }
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetWideStringList(config, &config->orig_argv, (Py_ssize_t)count, texts);
    }
    for (size_t index = 0; texts != NULL && index < count; index++) {
        PyMem_RawFree(texts[index]);
    }
    free(texts);
    return status;
}

static PyStatus fill(PyConfig *config, const struct cpe_config *wanted) {
    config->parse_argv = 0; // the arguments are the script's, never the interpreter's
    config->install_signal_handlers = wanted->install_signal_handlers;
    config->configure_c_stdio = wanted->configure_c_stdio;
    PyStatus status = set_string(config, &config->executable, wanted->executable);
    if (!PyStatus_Exception(status)) {
        const char *name = wanted->program_name != NULL ? wanted->program_name : wanted->executable;
        status = set_string(config, &config->program_name, name);
    }
    if (!PyStatus_Exception(status)) {
        status = set_string(config, &config->run_filename, wanted->script);
    }
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetBytesArgv(
            config, (Py_ssize_t)wanted->argument_count, (char *const *)wanted->arguments);
    }
    if (!PyStatus_Exception(status)) {
        status = set_original_arguments(config, wanted);
    }
    return status;
}

/// The first `import signal` (asyncio and subprocess do it) takes SIGINT whatever install_signal_handlers says, as long
/// as it has the default action. Import it here and give SIGINT back. -1 with a Python exception set.
static int return_interrupt_signal(void) {
    struct sigaction before;
    int was_default = sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler == SIG_DFL;
    PyObject *module = PyImport_ImportModule("_signal");
    PyObject *action = module != NULL && was_default ? PyObject_GetAttrString(module, "SIG_DFL") : NULL;
    PyObject *result = action != NULL ? PyObject_CallMethod(module, "signal", "iO", SIGINT, action) : NULL;
    int failed = module == NULL || (was_default && result == NULL);
    Py_XDECREF(result);
    Py_XDECREF(action);
    Py_XDECREF(module);
    return failed ? -1 : 0;
}

/// What PyConfig has no field for. -1 with a Python exception set.
static int finish(const struct cpe_config *wanted) {
    PyObject *path = PySys_GetObject("path"); // borrowed
    for (size_t index = 0; index < wanted->path_entry_count; index++) {
        PyObject *entry = PyUnicode_DecodeFSDefault(wanted->path_entries[index]);
        int failed = entry == NULL || path == NULL || PyList_Insert(path, (Py_ssize_t)index, entry) < 0;
        Py_XDECREF(entry);
        if (failed) {
            return -1;
        }
    }
    if (!wanted->install_signal_handlers && return_interrupt_signal() < 0) {
        return -1;
    }
    if (wanted->switch_interval > 0) {
        PyObject *function = PySys_GetObject("setswitchinterval"); // borrowed
        PyObject *result = function != NULL ? PyObject_CallFunction(function, "d", wanted->switch_interval) : NULL;
        if (result == NULL) {
            return -1;
        }
        Py_DECREF(result);
    }
    return 0;
}

static char *text_of(PyStatus status) {
    const char *message = status.err_msg != NULL ? status.err_msg : "initialisation failed";
    const char *function = status.func;
    size_t size = strlen(message) + (function != NULL ? strlen(function) : 0) + 8;
    char *text = malloc(size);
    if (text != NULL) {
        snprintf(text, size, "%s%s%s", function != NULL ? function : "", function != NULL ? ": " : "", message);
    }
    return text;
}

char *cpe_initialize(const struct cpe_config *wanted) {
    PyPreConfig preconfig;
    if (wanted->isolated) {
        PyPreConfig_InitIsolatedConfig(&preconfig);
    } else {
        PyPreConfig_InitPythonConfig(&preconfig);
    }
    preconfig.parse_argv = 0;
    PyStatus status = Py_PreInitialize(&preconfig);
    if (PyStatus_Exception(status)) {
        return text_of(status);
    }
    if (!wanted->install_signal_handlers) {
        // Python's sockets and pipes count on EPIPE; without its handlers the default action would end the process.
        struct sigaction current;
        if (sigaction(SIGPIPE, NULL, &current) == 0 && current.sa_handler == SIG_DFL) {
            signal(SIGPIPE, SIG_IGN);
        }
    }
    PyConfig config;
    if (wanted->isolated) {
        PyConfig_InitIsolatedConfig(&config);
    } else {
        PyConfig_InitPythonConfig(&config);
    }
    status = fill(&config, wanted);
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        return text_of(status);
    }
    if (finish(wanted) < 0) {
        PyErr_Print();
        return strdup("sys.path, the signal module or the switch interval could not be set");
    }
    return NULL;
}

int cpe_run_main(void) { return Py_RunMain(); }
