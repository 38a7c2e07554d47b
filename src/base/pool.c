/* Thread pool. */
#include "base/pool.h"

#include <pthread.h>
#include <stdlib.h>

struct pool {
    struct pool_config config;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;
    struct pool_task *first, *last;
    size_t waiting;
    bool stopping;
    /* not guarded */
    pthread_t *threads;
    int threads_len;
};

static struct pool_task *take(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    while (p->first == NULL && !p->stopping)
        pthread_cond_wait(&p->work, &p->lock);
    struct pool_task *t = p->first;
    if (t) {
        p->first = t->next;
        if (p->first == NULL)
            p->last = NULL;
        p->waiting--;
    }
    pthread_mutex_unlock(&p->lock);
    return t;
}

static void *pool_main(void *arg)
{
    struct pool *p = arg;
    pthread_setname_np(pthread_self(), p->config.name);
    void *data = p->config.thread_begin ? p->config.thread_begin(p->config.ctx) : NULL;
    struct pool_task *t;

    while ((t = take(p)) != NULL)
        t->run(t, data);
    if (p->config.thread_end)
        p->config.thread_end(data, p->config.ctx);
    return NULL;
}

struct pool *pool_start(const struct pool_config *config)
{
    struct pool *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->config = *config;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->work, NULL);
    p->threads = calloc((size_t)config->threads, sizeof *p->threads);
    for (; p->threads && p->threads_len < config->threads; p->threads_len++)
        if (pthread_create(&p->threads[p->threads_len], NULL, pool_main, p) != 0)
            break;
    if (p->threads_len == config->threads)
        return p;
    pool_stop(p);
    return NULL;
}

bool pool_submit(struct pool *p, struct pool_task *t)
{
    t->next = NULL;
    pthread_mutex_lock(&p->lock);
    bool room = p->waiting < p->config.queue_max && !p->stopping;
    if (room) {
        *(p->last ? &p->last->next : &p->first) = t;
        p->last = t;
        p->waiting++;
        pthread_cond_signal(&p->work);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

void pool_stop(struct pool *p)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->threads_len; i++)
        pthread_join(p->threads[i], NULL);
    free(p->threads);
    free(p);
}
