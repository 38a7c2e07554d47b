/* `labeld serve`. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include <stdbool.h>

#include "base/err.h"

/* Own the directory, bring it up to date, serve until SIGTERM or SIGINT. */
enum err serve(const char *data, const char *listen, bool log_requests, struct fault *f);

#endif
