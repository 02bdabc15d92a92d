// A C file of its own: Swift's Glibc module does not show the functions of posix_spawn that are no standard yet.
#define _GNU_SOURCE
#include "CChildProcess.h"

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

int ringrift_start_child(pid_t *pid, const char *path, char *const arguments[], char *const environment[],
                         const char *directory, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0) return code;
    code = posix_spawnattr_init(&attributes);
    if (code != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return code;
    }
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
#ifdef __APPLE__
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_CLOEXEC_DEFAULT;
    code = posix_spawn_file_actions_addinherit_np(&actions, STDIN_FILENO);
#else
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
#endif
    if (code == 0) code = posix_spawnattr_setflags(&attributes, flags);
    if (code == 0) code = posix_spawnattr_setsigdefault(&attributes, &all);
    if (code == 0) code = posix_spawnattr_setsigmask(&attributes, &none);
    if (code == 0) code = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (code == 0) code = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    if (code == 0) code = posix_spawn_file_actions_addchdir_np(&actions, directory);
#ifndef __APPLE__
    if (code == 0) code = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
#endif
    if (code == 0) code = posix_spawn(pid, path, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

extern char **environ;

char **ringrift_environment(void) { return environ; }
