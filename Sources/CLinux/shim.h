// What of Linux Swift cannot call itself: prctl takes a varying number of arguments.
#pragma once

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/// Has the kernel write no image of this process's memory, and lets no process of the same user read it.
/// Both are needed: a program that cores are piped to is started whatever the size limit says.
/// Returns 0, or what errno said.
static inline int usher_forbid_core_dumps(void) {
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0) return errno;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : errno;
}

/// Whether the kernel may write an image of this process's memory.
static inline int usher_is_dumpable(void) { return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0); }
