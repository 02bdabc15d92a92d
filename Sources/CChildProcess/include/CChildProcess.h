#ifndef RINGRIFT_CHILD_PROCESS_H
#define RINGRIFT_CHILD_PROCESS_H

#include <sys/types.h>

/// Starts a program as a child of this process and does not wait for it.
///
/// The child gets `output` as its standard output and error output, this process's standard input and nothing else of
/// its descriptors; no signal is blocked or ignored in it, whatever this process does with signals. It stays in this
/// process's session and group.
///
/// - pid: where the child's process id goes.
/// - path: the program, looked up nowhere; when it is relative, from `directory`.
/// - directory: the child's working directory.
/// - returns: 0, or the errno of what failed.
int ringrift_start_child(pid_t *pid, const char *path, char *const arguments[], char *const environment[],
                         const char *directory, int output);

/// This process's environment, `NAME=value` each, NULL at the end.
char **ringrift_environment(void);

#endif
