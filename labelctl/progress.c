/* Progress of transfers, on standard error: a bar on a terminal, lines now and then elsewhere. */
#include "ctl.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR_MS     100  /* between two drawings */
#define LINE_MS    5000 /* between two lines */
#define BAR_CELLS  24
#define LINE_BYTES 256

/* One transfer at a time; a message of another part or thread has to make room. */
static struct ctl_progress *drawn;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int64_t ctl_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void ctl_progress_clear(void)
{
    pthread_mutex_lock(&lock);
    if (drawn && drawn->drawn)
        fputs("\r\033[K", stderr);
    if (drawn)
        drawn->drawn = false;
    pthread_mutex_unlock(&lock);
}

/* "12 s", "3:05", "2:00:00" */
static void time_text(int64_t seconds, char *to, size_t size)
{
    if (seconds < 60)
        snprintf(to, size, "%d s", (int)seconds);
    else if (seconds < 3600)
        snprintf(to, size, "%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
    else
        snprintf(to, size, "%d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
                 (int)(seconds % 60));
}

/* "812/s, 12 MB/s, 5 s left": of what was done now, not of what was skipped. */
static void rate_text(const struct ctl_progress *p, int64_t ms, char *to, size_t size)
{
    double seconds = (double)(ms > 0 ? ms : 1) / 1000;
    double items = (double)(p->done - p->skipped) / seconds;
    char bytes[32], left[32];

    ctl_size_text((int64_t)((double)p->bytes / seconds), bytes, sizeof bytes);
    time_text(items > 0 ? (int64_t)((double)(p->total - p->done) / items + 0.5) : 0, left,
              sizeof left);
    if (p->bytes > 0)
        snprintf(to, size, "%.0f/s, %s/s, %s left", items, bytes, left);
    else
        snprintf(to, size, "%.0f/s, %s left", items, left);
}

static void draw(struct ctl_progress *p, int64_t now)
{
    char line[LINE_BYTES], bar[BAR_CELLS + 1], rate[96], *shown;
    size_t full = p->total ? p->done * BAR_CELLS / p->total : BAR_CELLS;
    int columns = ctl_columns(STDERR_FILENO);

    memset(bar, '-', BAR_CELLS);
    memset(bar, '#', full < BAR_CELLS ? full : BAR_CELLS);
    bar[BAR_CELLS] = '\0';
    rate_text(p, now - p->start_ms, rate, sizeof rate);
    snprintf(line, sizeof line, "%s [%s] %zu/%zu %s", p->what, bar, p->done, p->total, rate);
    shown = ctl_cut(line, columns > 1 ? columns - 1 : 0);
    fprintf(stderr, "\r%s\033[K", shown ? shown : "");
    fflush(stderr);
    free(shown);
    p->drawn = true;
}

static void show(struct ctl_progress *p)
{
    int64_t now = ctl_now_ms();

    if (p->quiet || now - p->shown_ms < (p->bar ? BAR_MS : LINE_MS))
        return;
    p->shown_ms = now;
    if (p->bar) {
        pthread_mutex_lock(&lock);
        draw(p, now);
        pthread_mutex_unlock(&lock);
    } else {
        char rate[96];

        rate_text(p, now - p->start_ms, rate, sizeof rate);
        fprintf(stderr, "%s: %zu of %zu, %s\n", p->what, p->done, p->total, rate);
    }
}

void ctl_progress_begin(struct ctl *c, struct ctl_progress *p, const char *what, size_t total)
{
    *p = (struct ctl_progress){
        .what = what,
        .total = total,
        .start_ms = ctl_now_ms(),
        .bar = ctl_is_terminal(STDERR_FILENO),
        .quiet = c->quiet,
    };
    p->shown_ms = p->bar ? 0 : p->start_ms;
    drawn = p;
    show(p);
}

static bool on_progress(void *ctx, size_t done, size_t total, int64_t bytes)
{
    struct ctl_progress *p = ctx;

    (void)total;
    p->done = p->done_before + done;
    p->bytes = p->bytes_before + bytes;
    show(p);
    return true;
}

struct label_progress ctl_progress_hook(struct ctl_progress *p)
{
    p->done_before = p->done;
    p->bytes_before = p->bytes;
    return (struct label_progress){on_progress, p};
}

void ctl_progress_add(struct ctl_progress *p, size_t items, int64_t bytes)
{
    p->done += items;
    p->bytes += bytes;
    show(p);
}

void ctl_progress_skip(struct ctl_progress *p, size_t items)
{
    p->skipped += items;
    ctl_progress_add(p, items, 0);
}

void ctl_progress_end(struct ctl_progress *p)
{
    char bytes[32], spent[32];

    ctl_progress_clear();
    if (!p->quiet && (p->done > 0 || p->total == 0)) {
        ctl_size_text(p->bytes, bytes, sizeof bytes);
        time_text((ctl_now_ms() - p->start_ms + 500) / 1000, spent, sizeof spent);
        fprintf(stderr, "%s: %zu of %zu", p->what, p->done, p->total);
        if (p->skipped)
            fprintf(stderr, ", %zu of them were there", p->skipped);
        if (p->bytes)
            fprintf(stderr, ", %s", bytes);
        fprintf(stderr, ", %s\n", spent);
    }
    drawn = NULL;
}
