#ifndef RINGRIFT_FIXED_LOAD_H
#define RINGRIFT_FIXED_LOAD_H

/// Replaces the C library's function in programs that the parity harness starts with LD_PRELOAD.
///
/// glibc asks the kernel, which says the load of the whole machine; a sandbox fixes /proc/loadavg, and a node that refuses
/// jobs on a busy machine must see that value. Writes at most `count` averages; returns how many, -1 without the file.
int getloadavg(double averages[], int count);

#endif
