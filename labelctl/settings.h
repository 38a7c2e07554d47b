/* Settings of projects, as meta.json has them ("projectSettings") and as the server does. */
#ifndef LABELCTL_SETTINGS_H
#define LABELCTL_SETTINGS_H

#include "ctl.h"

/* The JSON of a project's meta with its settings, as the SDK writes meta.json; NULL after a
 * message: *code is the exit code. */
json_t *settings_get_meta(struct ctl *c, int64_t project_id, int *code);

/* Merge classes, tags and settings of meta.json into a project. Exit codes. */
int settings_put_meta(struct ctl *c, int64_t project_id, json_t *meta);

#endif
