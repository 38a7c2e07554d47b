/* `labeld serve`. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include <stdbool.h>

#include "base/err.h"

struct serve_options {
    const char *data;
    const char *listen; /* HOST:PORT */
    int threads;        /* 0 = as many as processors */
    bool log_requests;
};

/* Own the directory, bring it up to date, serve until SIGTERM or SIGINT. */
enum err serve(const struct serve_options *o, struct fault *f);

#endif
