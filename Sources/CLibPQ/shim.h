// libpq's own header; pkg-config supplies the include path.
#pragma once
#include <libpq-fe.h>

// pipe2(2) opens both ends close-on-exec in one step, so that no child process forked in between inherits them.
// Declared here because Swift's Glibc module leaves out what needs _GNU_SOURCE.
int pipe2(int fds[2], int flags);
