/* Rendered jobs. Waiting scripts read the same job every second and managers the same list, so the
 * JSON of a job is kept and copied. It is right as long as two numbers from the caller's snapshot
 * are unchanged: the job's rev, which every change of the job moves, and the names epoch, which
 * every rename of something a job shows moves. Nothing has to be invalidated, and many processes
 * may share one database. Thread-safe. */
#ifndef API_JOB_CACHE_H
#define API_JOB_CACHE_H

#include "base/buf.h"

struct job_cache;

struct job_version {
    int64_t id, rev, names_epoch;
};

/* Keeps at most so much, and so much of jobs with very many images. */
struct job_cache *job_cache_create(size_t bytes_max, size_t large_bytes_max);
void job_cache_destroy(struct job_cache *c);

/* Is it there? */
bool job_cache_has(struct job_cache *c, struct job_version v);

/* Append the JSON object to out; without its last member, the entities, when those are not wanted.
 * false: not there. */
bool job_cache_append(struct job_cache *c, struct job_version v, bool entities, struct buf *out);

/* Keep a copy. head: bytes of json before the member "entities" (and its comma). */
void job_cache_put(struct job_cache *c, struct job_version v, struct str json, size_t head);

#endif
