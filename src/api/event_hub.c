/* Viewers of the event streams, and what is new for them. */
#include "api/event_hub.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "http/http.h"
#include "store/store_event.h"

#define WRITERS_MAX      16
#define NEWS_MAX         64
#define VIEWERS_MAX      10000
#define VIEWERS_USER_MAX 64

struct event_hub {
    pthread_mutex_t lock; /* guards what follows but len */
    struct event_viewer *viewers;
    struct http_server *http;
    int64_t known;               /* an event that has been given out */
    int64_t floors[WRITERS_MAX]; /* a running transaction writes no event up to this one */
    bool running[WRITERS_MAX];
    _Atomic int len;
};

/* What came since this IO thread looked last: events behind `from`, up to `upto`. */
static _Thread_local struct {
    int64_t from, upto;
    struct event_topic topics[NEWS_MAX];
    size_t n;
    bool all; /* too many to tell, or somebody may have lost an account or a place in a team */
} news;

struct event_hub *event_hub_create(void)
{
    struct event_hub *h = calloc(1, sizeof *h);

    if (h)
        pthread_mutex_init(&h->lock, NULL);
    return h;
}

void event_hub_destroy(struct event_hub *h)
{
    free(h);
}

void event_hub_attach(struct event_hub *h, struct http_server *http)
{
    pthread_mutex_lock(&h->lock);
    h->http = http;
    pthread_mutex_unlock(&h->lock);
}

/* ---- writers ---- */

/* The newest event that was given out; when that cannot be told, an older one. */
static int64_t newest(struct event_hub *h, struct db *db)
{
    int64_t last;
    enum err e = store_event_last(db, &last);

    pthread_mutex_lock(&h->lock);
    if (e == ERR_OK && last > h->known)
        h->known = last;
    last = h->known;
    pthread_mutex_unlock(&h->lock);
    return last;
}

void event_hub_began(struct event_hub *h, int writer, struct db *db)
{
    if (db_engine(db) == DB_SQLITE || writer >= WRITERS_MAX)
        return; /* one transaction at a time: numbers become visible in order */
    pthread_mutex_lock(&h->lock);
    h->running[writer] = true; /* first: while we ask, others may look who runs */
    h->floors[writer] = h->known;
    pthread_mutex_unlock(&h->lock);
    int64_t last = newest(h, db);
    pthread_mutex_lock(&h->lock);
    h->floors[writer] = last;
    pthread_mutex_unlock(&h->lock);
}

void event_hub_ended(struct event_hub *h, int writer)
{
    if (atomic_load(&h->len) == 0 && !h->running[writer])
        return;
    pthread_mutex_lock(&h->lock);
    h->running[writer] = false;
    if (h->http && h->viewers)
        http_wake_streams(h->http);
    pthread_mutex_unlock(&h->lock);
}

/* ---- viewers ---- */

bool event_hub_join(struct event_hub *h, struct event_viewer *v)
{
    int mine = 0;

    pthread_mutex_lock(&h->lock);
    for (const struct event_viewer *o = h->viewers; o; o = o->next)
        mine += o->user_id == v->user_id;
    bool room = mine < VIEWERS_USER_MAX && atomic_load(&h->len) < VIEWERS_MAX;
    if (room) {
        v->prev = NULL;
        v->next = h->viewers;
        if (v->next)
            v->next->prev = v;
        h->viewers = v;
        atomic_fetch_add(&h->len, 1);
    }
    pthread_mutex_unlock(&h->lock);
    return room;
}

void event_hub_leave(struct event_hub *h, struct event_viewer *v)
{
    pthread_mutex_lock(&h->lock);
    *(v->prev ? &v->prev->next : &h->viewers) = v->next;
    if (v->next)
        v->next->prev = v->prev;
    atomic_fetch_sub(&h->len, 1);
    pthread_mutex_unlock(&h->lock);
}

/* ---- news ---- */

int64_t event_hub_settled(struct event_hub *h, struct db *db, int64_t *newest_out)
{
    int64_t last = newest(h, db); /* before looking who runs: who starts later writes behind it */

    if (newest_out)
        *newest_out = last;
    pthread_mutex_lock(&h->lock);
    for (int i = 0; i < WRITERS_MAX; i++)
        if (h->running[i] && h->floors[i] < last)
            last = h->floors[i];
    pthread_mutex_unlock(&h->lock);
    return last;
}

void event_hub_round(struct event_hub *h, struct db *db)
{
    int64_t upto = event_hub_settled(h, db, NULL);

    news.n = 0;
    news.all = false;
    news.from = news.upto;
    if (upto <= news.upto)
        return;
    news.upto = upto;
    if (store_event_topics(db, news.from, upto, news.topics, NEWS_MAX, &news.n) != ERR_OK ||
        news.n == NEWS_MAX)
        news.all = true;
    for (size_t i = 0; i < news.n; i++)
        news.all |= news.topics[i].access;
}

bool event_hub_concerns(const struct event_viewer *v, int64_t after, int64_t *upto)
{
    *upto = news.upto;
    if (after >= news.upto)
        return false;
    if (after < news.from || news.all)
        return true;
    for (size_t i = 0; i < news.n; i++)
        if (news.topics[i].team_id == v->team_id &&
            (v->job_id == 0 || news.topics[i].job_id == v->job_id))
            return true;
    return false;
}
