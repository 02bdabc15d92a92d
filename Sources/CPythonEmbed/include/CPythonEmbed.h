// libCPythonEmbed.so: the only code that includes <Python.h> (in its .c files). Opened by `cpe_load`, never linked.
#ifndef CPYTHON_EMBED_H
#define CPYTHON_EMBED_H

#include "CPythonEmbedABI.h"

/// The one exported symbol. Static table, or NULL when `abi_version` is not the library's.
__attribute__((visibility("default"))) const struct cpe_api *cpe_get_api(int abi_version);

#endif
