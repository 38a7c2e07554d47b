/* Work of liblabel's crews that is done in order: who gets which part of it, and what becomes of
 * those who wait when somebody fails. */
#include "../../client/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 200
#define CREW 5

/* What a crew has done. The turn guards order, everything else is of its number alone. */
struct course {
    struct lb_crew crew;
    size_t order[MANY], n_order;
    size_t taken[MANY];  /* together, 0: by another */
    bool went[MANY];     /* lb_crew_wait has not failed */
    char *item[MANY];    /* of a worker, until its wait is over */
    atomic_bool reading; /* somebody reads items */
    atomic_size_t early; /* waits that were over meanwhile */
};

/* Run work on n numbers, with as many threads as may be; how it ended. */
static enum label_err run(struct course *c, size_t n, void (*work)(struct lb_op *, size_t, void *))
{
    struct label_api api = {.set = {.parallel = n < 8 ? (int)n : 8}};
    struct label_error error;
    struct lb_op op;

    lb_begin(&op, &api, &error);
    c->crew = (struct lb_crew){.op = &op, .n = n, .work = work, .ctx = c};
    lb_crew_run(&c->crew);
    return lb_end(&op);
}

/* Until numbers from first to last wait for their turn. */
static void until_waiting(struct lb_crew *crew, size_t first, size_t last)
{
    for (bool all = false; !all; usleep(1000)) {
        all = true;
        pthread_mutex_lock(&crew->lock);
        for (size_t i = first; i <= last; i++)
            all &= crew->ready[i];
        pthread_mutex_unlock(&crew->lock);
    }
}

static void wait_for_turn(struct course *c, size_t i)
{
    c->item[i] = strdup("item");
    c->went[i] = lb_crew_wait(&c->crew, i, &c->taken[i]);
    atomic_fetch_add(&c->early, atomic_load(&c->reading));
}

/* What the turn is for; item[] of others is looked at. */
static void in_turn(struct course *c, size_t i, size_t n)
{
    atomic_store(&c->reading, true);
    for (size_t k = i; k < i + n; k++)
        c->order[c->n_order++] = c->item[k][0] == 'i' ? k : MANY;
    atomic_store(&c->reading, false);
}

static void do_any(struct lb_op *op, size_t i, void *ctx)
{
    struct course *c = ctx;

    usleep((useconds_t)(i * 7919 % 13 * 50));
    wait_for_turn(c, i);
    if (c->taken[i]) {
        in_turn(c, i, c->taken[i]);
        lb_crew_pass(&c->crew, op, c->taken[i]);
    }
    free(c->item[i]);
}

static void order_is_kept(void **state)
{
    struct course c = {0};

    (void)state;
    assert_int_equal(run(&c, MANY, do_any), LABEL_OK);
    assert_int_equal(c.n_order, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(c.order[i], i);
        assert_true(c.went[i]);
    }
}

/* The first one comes last, and does two of the five that are there then. */
static void do_two(struct lb_op *op, size_t i, void *ctx)
{
    struct course *c = ctx;

    if (i == 0)
        until_waiting(&c->crew, 1, CREW - 1);
    wait_for_turn(c, i);
    if (c->taken[i]) {
        size_t n = i == 0 ? 2 : c->taken[i];

        in_turn(c, i, n);
        lb_crew_pass(&c->crew, op, n);
    }
    free(c->item[i]);
}

static void those_that_wait_are_taken_by_one(void **state)
{
    struct course c = {0};

    (void)state;
    assert_int_equal(run(&c, CREW, do_two), LABEL_OK);
    assert_int_equal(c.taken[0], CREW);
    assert_int_equal(c.taken[1], 0);
    assert_int_equal(c.taken[2], CREW - 2); /* what the first has left */
    assert_int_equal(c.taken[3] + c.taken[4], 0);
    assert_int_equal(c.n_order, CREW);
    for (size_t i = 0; i < CREW; i++) {
        assert_int_equal(c.order[i], i);
        assert_true(c.went[i]);
    }
}

/* The first one has taken all but the last, which fails while it is at them. */
static void do_while_failing(struct lb_op *op, size_t i, void *ctx)
{
    struct course *c = ctx;

    if (i == CREW - 1) {
        while (!atomic_load(&c->reading))
            usleep(1000);
        lb_fail(op, LABEL_ERR_FILE, NULL, "no");
        return;
    }
    if (i == 0)
        until_waiting(&c->crew, 1, CREW - 2);
    wait_for_turn(c, i);
    if (c->taken[i]) {
        atomic_store(&c->reading, true);
        for (bool stop = false; !stop; usleep(1000)) {
            pthread_mutex_lock(&c->crew.lock);
            stop = c->crew.stop;
            pthread_mutex_unlock(&c->crew.lock);
        }
        usleep(20000); /* for those who would not wait */
        in_turn(c, i, c->taken[i]);
        lb_crew_pass(&c->crew, op, c->taken[i]);
    }
    free(c->item[i]);
}

static void nobody_leaves_what_another_reads(void **state)
{
    struct course c = {0};

    (void)state;
    assert_int_equal(run(&c, CREW, do_while_failing), LABEL_ERR_FILE);
    assert_int_equal(c.taken[0], CREW - 1);
    assert_int_equal(c.early, 0);
    for (size_t i = 1; i < CREW - 1; i++)
        assert_false(c.went[i]);
    for (size_t i = 0; i < c.n_order; i++)
        assert_int_equal(c.order[i], i);
}

/* The first one fails when all others wait: before its turn, or in it. */
static void do_failing(struct lb_op *op, size_t i, struct course *c, bool in_its_turn)
{
    if (i == 0) {
        until_waiting(&c->crew, 1, CREW - 1);
        if (in_its_turn)
            wait_for_turn(c, i);
        lb_fail(op, LABEL_ERR_FILE, NULL, "no");
        if (in_its_turn)
            lb_crew_pass(&c->crew, op, c->taken[i]);
    } else {
        wait_for_turn(c, i);
    }
    free(c->item[i]);
}

static void do_failing_before(struct lb_op *op, size_t i, void *ctx)
{
    do_failing(op, i, ctx, false);
}

static void do_failing_within(struct lb_op *op, size_t i, void *ctx)
{
    do_failing(op, i, ctx, true);
}

static void a_failure_ends_all_that_wait(void **state)
{
    void (*const ways[])(struct lb_op *, size_t, void *) = {do_failing_before, do_failing_within};

    (void)state;
    for (size_t w = 0; w < 2; w++) {
        struct course c = {0};

        assert_int_equal(run(&c, CREW, ways[w]), LABEL_ERR_FILE);
        for (size_t i = 1; i < CREW; i++)
            assert_false(c.went[i] || c.taken[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_kept),
        cmocka_unit_test(those_that_wait_are_taken_by_one),
        cmocka_unit_test(nobody_leaves_what_another_reads),
        cmocka_unit_test(a_failure_ends_all_that_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
