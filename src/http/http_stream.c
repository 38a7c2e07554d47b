/* Answers without an end: what a browser's EventSource reads. None has a thread: a stream with
 * nothing to send is suspended, and http_wake_streams lets the IO threads ask the app again. They
 * do so in turns, so that a thousand streams do not hold up the other requests, and pause between
 * rounds as long as keeps them under a third of a thread's time. */
#include "base/clock.h"
#include "http/http_int.h"

#define BLOCK_BYTES     4096
#define TURN_STREAMS    32
#define ROUND_MS        40
#define KEEP_IDLE_BYTES 1024 /* of the buffer of a stream that waits */

static void unlink_stream(struct http_req *r)
{
    struct http__state *s = r->state;
    struct io *io = s->io;

    if (io->stream_at == r)
        io->stream_at = s->stream_next;
    *(s->stream_prev ? &s->stream_prev->state->stream_next : &io->streams) = s->stream_next;
    if (s->stream_next)
        s->stream_next->state->stream_prev = s->stream_prev;
}

static void park(struct http_req *r)
{
    struct http__state *s = r->state;

    if (r->out.cap > KEEP_IDLE_BYTES) {
        size_t bytes_max = r->out.bytes_max;

        buf_finish(&r->out);
        buf_init(&r->out, bytes_max);
        s->stream_sent = 0;
    }
    s->parked = true;
    http__conn_stage(r->conn, CONN_APP);
    MHD_suspend_connection(s->mhd);
}

static void wake(struct http_req *r)
{
    if (!r->state->parked)
        return; /* it has bytes to send, and asks by itself afterwards */
    r->state->parked = false;
    MHD_resume_connection(r->state->mhd);
}

/* libmicrohttpd wants bytes: at first, when the last ones have left, and when it was woken. */
static ssize_t fill(void *cls, uint64_t pos, char *out, size_t max)
{
    struct http_req *r = cls;
    struct http__state *s = r->state;
    const struct http_config *cfg = &s->io->server->config;

    (void)pos;
    if (s->stream_sent == r->out.n && !s->stream_ended) {
        buf_clear(&r->out);
        s->stream_sent = 0;
        s->stream_ended = s->io->draining || s->peer_gone || !r->more(r) || r->out.failed;
    }
    size_t n = r->out.n - s->stream_sent;
    if (n == 0 && s->stream_ended)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (n == 0) {
        park(r);
        return 0;
    }
    if (n > max)
        n = max;
    memcpy(out, r->out.p + s->stream_sent, n);
    s->stream_sent += n;
    s->stream_sent_ms = clock_mono_ms();
    http__conn_stage(r->conn, CONN_ANSWER);
    if (r->conn)
        r->conn->deadline_ms = clock_mono_ms() + cfg->answer_grace_ms;
    return (ssize_t)n;
}

struct MHD_Response *http__stream_response(struct http_req *r)
{
    struct http__state *s = r->state;
    struct io *io = s->io;

    s->stream_next = io->streams;
    if (io->streams)
        io->streams->state->stream_prev = r;
    io->streams = r;
    s->streaming = true;
    if (r->conn) {
        r->conn->stream = r;
        http__conn_watch(r->conn); /* to learn that the peer has gone while nothing is sent */
    }
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, fill, r, NULL);
}

void http__stream_end(struct http_req *r)
{
    if (!r->state->streaming)
        return;
    unlink_stream(r);
    if (r->conn)
        r->conn->stream = NULL;
}

void http__stream_peer_gone(struct http_conn *c)
{
    if (c->stream) {
        c->stream->state->peer_gone = true;
        wake(c->stream);
    }
}

void http_wake_streams(struct http_server *s)
{
    for (int i = 0; i < s->io_len; i++)
        if (!atomic_exchange(&s->io[i].streams_wanted, true))
            http__io_wake(&s->io[i]);
}

void http__streams_turn(struct io *io)
{
    struct http_app *app = &io->server->app;
    int64_t now = clock_mono_ms();

    if (io->draining) {
        for (struct http_req *r = io->streams; r; r = r->state->stream_next)
            wake(r);
        return;
    }
    if (io->stream_at == NULL && io->round_started_ms > 0) {
        io->round_next_ms = now + ROUND_MS + 2 * (now - io->round_started_ms);
        io->round_started_ms = 0;
    }
    if (io->stream_at == NULL && now >= io->round_next_ms &&
        atomic_exchange(&io->streams_wanted, false) && io->streams) {
        app->round(io->app_data, app->ctx);
        io->round_started_ms = now;
        io->stream_at = io->streams;
    }
    for (int i = 0; i < TURN_STREAMS && io->stream_at; i++) {
        struct http_req *r = io->stream_at;

        io->stream_at = r->state->stream_next;
        wake(r);
    }
}

int http__streams_wait_ms(const struct io *io, int wait_ms)
{
    int64_t left = io->round_next_ms - clock_mono_ms();

    if (io->stream_at || io->round_started_ms > 0)
        return 0;
    if (!atomic_load(&io->streams_wanted) || left >= wait_ms)
        return wait_ms;
    return left > 0 ? (int)left : 0;
}

void http__streams_beat(struct io *io)
{
    int64_t before = clock_mono_ms() - HTTP_BEAT_MS;

    for (struct http_req *r = io->streams; r; r = r->state->stream_next)
        if (r->state->parked && r->state->stream_sent_ms < before) {
            wake(r);
            atomic_store(&io->streams_wanted, true); /* for what came without a word to us */
        }
}
