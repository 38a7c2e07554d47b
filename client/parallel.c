/* Bulk work on several connections: threads that take numbers in order. */
#include "client.h"

#include <stdlib.h>

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
    crew->ready = calloc(crew->n + 1, sizeof *crew->ready);
    if (crew->ready == NULL) {
        lb_fail(crew->op, LABEL_ERR_MEMORY, NULL, "out of memory");
        return;
    }
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
    free(crew->ready);
}

/* Is somebody else at i, or is it too early for it? */
static bool must_wait(const struct lb_crew *crew, size_t i)
{
    return crew->passed < i ? i < crew->claimed || !crew->stop
                            : crew->passed == i && i < crew->claimed;
}

bool lb_crew_wait(struct lb_crew *crew, size_t i, size_t *n)
{
    bool go;

    pthread_mutex_lock(&crew->lock);
    crew->ready[i] = true;
    while (must_wait(crew, i))
        pthread_cond_wait(&crew->turn, &crew->lock);
    go = !crew->stop;
    for (*n = 0; go && crew->passed == i && i + *n < crew->n && crew->ready[i + *n];)
        ++*n;
    if (*n > 0)
        crew->claimed = i + *n;
    pthread_mutex_unlock(&crew->lock);
    return go;
}

void lb_crew_pass(struct lb_crew *crew, const struct lb_op *op, size_t n)
{
    pthread_mutex_lock(&crew->lock);
    crew->stop |= lb_failed(op);
    crew->passed += crew->stop ? 0 : n;
    crew->claimed = crew->passed;
    pthread_cond_broadcast(&crew->turn);
    pthread_mutex_unlock(&crew->lock);
}
