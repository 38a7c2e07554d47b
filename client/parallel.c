/* Bulk work on several connections: threads that take numbers in order. */
#include "client.h"

#include <string.h>

static void keep_error(struct lb_crew *crew, const struct label_error *error)
{
    pthread_mutex_lock(&crew->lock);
    if (error->err != LABEL_OK) {
        crew->stop = true;
        if (crew->op->error->err == LABEL_OK)
            *crew->op->error = *error;
        pthread_cond_broadcast(&crew->turn);
    }
    pthread_mutex_unlock(&crew->lock);
}

static void *run_worker(void *arg)
{
    struct lb_crew *crew = arg;
    struct label_error error = {0};

    while (error.err == LABEL_OK) {
        struct lb_op op;
        size_t i;
        bool stop;

        pthread_mutex_lock(&crew->lock);
        stop = crew->stop || crew->next >= crew->n;
        i = stop ? 0 : crew->next++;
        pthread_mutex_unlock(&crew->lock);
        if (stop)
            break;
        lb_begin(&op, crew->op->api, &error);
        crew->work(&op, i, crew->ctx);
        keep_error(crew, &error);
    }
    return NULL;
}

void lb_crew_run(struct lb_crew *crew)
{
    pthread_t threads[LB_PARALLEL_MAX];
    size_t n = 0, want = (size_t)crew->op->api->set.parallel;

    if (lb_failed(crew->op))
        return;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->turn, NULL);
    if (want > crew->n)
        want = crew->n;
    while (n + 1 < want && pthread_create(&threads[n], NULL, run_worker, crew) == 0)
        n++;
    run_worker(crew); /* this thread works too: it goes on where no thread could be made */
    while (n > 0)
        pthread_join(threads[--n], NULL);
    pthread_cond_destroy(&crew->turn);
    pthread_mutex_destroy(&crew->lock);
}

bool lb_crew_wait(struct lb_crew *crew, size_t i)
{
    bool go;

    pthread_mutex_lock(&crew->lock);
    while (!crew->stop && crew->added < i)
        pthread_cond_wait(&crew->turn, &crew->lock);
    go = !crew->stop;
    pthread_mutex_unlock(&crew->lock);
    return go;
}

void lb_crew_pass(struct lb_crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    crew->added++;
    pthread_cond_broadcast(&crew->turn);
    pthread_mutex_unlock(&crew->lock);
}
