/* The log of everything that happened: one row for each change, in its transaction. */
#ifndef STORE_STORE_EVENT_H
#define STORE_STORE_EVENT_H

#include "store/store_access.h"

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

/* The newest event there may be. */
enum err store_event_last(struct db *db, int64_t *out);

/* What some events are about. */
struct event_topic {
    int64_t team_id, job_id; /* 0 = none */
    bool access;             /* somebody may have lost their account or their place in a team */
};

/* Topics of the events behind `after` up to `upto`, without repeats; at most max. */
enum err store_event_topics(struct db *db, int64_t after, int64_t upto, struct event_topic *out,
                            size_t max, size_t *n_out);

struct event_range {
    int64_t team_id, job_id;  /* job 0: all of the team */
    int64_t after, upto, max; /* behind `after` up to `upto`, at most max */
};

/* An event as streams send it, with the state its job has now. */
struct event_news {
    int64_t id, at, user_id, project_id, dataset_id, image_id, class_id, figure_id, job_id, tag_id;
    struct str action, meta;
    struct str job_status; /* absent: no job, or the caller may not see it now */
    int64_t images, done, accepted, rejected;
};

/* The events that the caller may see, oldest first: step, read, end. */
struct db_query *store_events_for(struct db *db, const struct event_range *range,
                                  const struct caller *who);
void store_event_news_read(struct db_query *q, struct event_news *out);

#endif
