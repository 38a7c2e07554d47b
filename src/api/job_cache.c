/* Cache of rendered jobs: a hash table in shards, each with its own lock and its share of memory;
 * one more for those that would push many others out. */
#include "api/job_cache.h"

#include <pthread.h>
#include <stdlib.h>

#define SHARDS    16
#define SLOTS     4096 /* of each shard; a power of two */
#define WAYS      4    /* slots a job may stand in */
#define SMALL_MAX (64 * 1024)
#define LARGE_MAX (16u << 20)

struct entry {
    struct job_version v;
    size_t n, head;
    char json[];
};

struct shard {
    pthread_mutex_t lock;
    struct entry **slots; /* SLOTS of them */
    size_t bytes, bytes_max;
    size_t hand; /* where eviction goes on */
};

struct job_cache {
    struct shard shards[SHARDS], large;
};

static bool init_shard(struct shard *s, size_t bytes_max)
{
    pthread_mutex_init(&s->lock, NULL);
    s->bytes_max = bytes_max;
    s->slots = calloc(SLOTS, sizeof *s->slots);
    return s->slots != NULL;
}

static void finish_shard(struct shard *s)
{
    for (size_t k = 0; s->slots && k < SLOTS; k++)
        free(s->slots[k]);
    free(s->slots);
}

struct job_cache *job_cache_create(size_t bytes_max, size_t large_bytes_max)
{
    struct job_cache *c = calloc(1, sizeof *c);
    bool made = c && init_shard(&c->large, large_bytes_max);

    for (size_t i = 0; made && i < SHARDS; i++)
        made = init_shard(&c->shards[i], bytes_max / SHARDS);
    if (made)
        return c;
    job_cache_destroy(c);
    return NULL;
}

void job_cache_destroy(struct job_cache *c)
{
    for (size_t i = 0; c && i < SHARDS; i++)
        finish_shard(&c->shards[i]);
    if (c)
        finish_shard(&c->large);
    free(c);
}

static struct shard *shard_of(struct job_cache *c, int64_t id)
{
    return &c->shards[(uint64_t)id % SHARDS];
}

static size_t slot_of(int64_t id, size_t way)
{
    return ((uint64_t)id / SHARDS * WAYS + way) % SLOTS;
}

/* The entry of this very version. The shard is locked. */
static struct entry *find(struct shard *s, struct job_version v)
{
    for (size_t way = 0; way < WAYS; way++) {
        struct entry *e = s->slots[slot_of(v.id, way)];

        if (e && e->v.id == v.id)
            return e->v.rev == v.rev && e->v.names_epoch == v.names_epoch ? e : NULL;
    }
    return NULL;
}

/* ... and where it is, locked; NULL: nowhere, nothing is locked. */
static struct entry *find_and_lock(struct job_cache *c, struct job_version v, struct shard **where)
{
    struct shard *const shards[] = {shard_of(c, v.id), &c->large};

    for (size_t i = 0; i < ARRAY_LEN(shards); i++) {
        pthread_mutex_lock(&shards[i]->lock);
        struct entry *e = find(shards[i], v);
        *where = shards[i];
        if (e)
            return e;
        pthread_mutex_unlock(&shards[i]->lock);
    }
    return NULL;
}

bool job_cache_has(struct job_cache *c, struct job_version v)
{
    struct shard *s;
    bool there = find_and_lock(c, v, &s) != NULL;

    if (there)
        pthread_mutex_unlock(&s->lock);
    return there;
}

bool job_cache_append(struct job_cache *c, struct job_version v, bool entities, struct buf *out)
{
    struct shard *s;
    struct entry *e = find_and_lock(c, v, &s);

    if (e == NULL)
        return false;
    if (entities) {
        buf_add(out, e->json, e->n);
    } else {
        buf_add(out, e->json, e->head);
        buf_add_char(out, '}');
    }
    pthread_mutex_unlock(&s->lock);
    return true;
}

static void drop(struct shard *s, size_t slot)
{
    if (s->slots[slot] == NULL)
        return;
    s->bytes -= s->slots[slot]->n;
    free(s->slots[slot]);
    s->slots[slot] = NULL;
}

/* A slot for this job: its old one, an empty one, or one by turns. */
static size_t choose_slot(struct shard *s, int64_t id)
{
    size_t empty = SLOTS;

    for (size_t way = 0; way < WAYS; way++) {
        size_t slot = slot_of(id, way);

        if (s->slots[slot] && s->slots[slot]->v.id == id)
            return slot;
        if (s->slots[slot] == NULL)
            empty = slot;
    }
    return empty < SLOTS ? empty : slot_of(id, s->hand % WAYS);
}

void job_cache_put(struct job_cache *c, struct job_version v, struct str json, size_t head)
{
    struct shard *s = json.n <= SMALL_MAX ? shard_of(c, v.id) : &c->large;
    struct entry *e = json.n <= LARGE_MAX ? malloc(sizeof *e + json.n) : NULL;

    if (e == NULL)
        return;
    e->v = v;
    e->n = json.n;
    e->head = head;
    memcpy(e->json, json.p, json.n);
    pthread_mutex_lock(&s->lock);
    size_t slot = choose_slot(s, v.id);
    drop(s, slot);
    for (size_t i = 0; i < SLOTS && s->bytes + e->n > s->bytes_max; i++)
        drop(s, s->hand++ % SLOTS);
    s->slots[slot] = e;
    s->bytes += e->n;
    pthread_mutex_unlock(&s->lock);
}
