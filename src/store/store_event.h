/* The log of everything that happened: one row for each change, in its transaction. */
#ifndef STORE_STORE_EVENT_H
#define STORE_STORE_EVENT_H

#include "store/statements.h"

/* 0 = does not apply. */
struct event {
    const char *action; /* as in the SDK: "create_project", "image_review_status_updated" ... */
    int64_t team_id, user_id;
    int64_t project_id, dataset_id, image_id, class_id, figure_id, job_id, tag_id;
    struct str meta; /* JSON object; absent = {} */
};

/* An event with the names of what it is about, as teams.activity shows it. */
struct event_view {
    int64_t id, at; /* ms */
    int64_t user_id, project_id, dataset_id, image_id, class_id, figure_id, job_id, tag_id;
    struct str action, user, project, dataset, image, class_name, job, tag, meta;
};

enum err store_event_insert(struct db *db, const struct event *e, int64_t now_ms);

/* Read a row of LIST_EVENTS. */
void store_event_read(struct db_query *q, struct event_view *out);

#endif
