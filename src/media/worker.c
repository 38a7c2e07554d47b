/* labeld-media: reads image headers and makes previews for labeld, in a sandbox: no file can be
 * opened, nothing connected to, nothing executed; only what is passed over the socket is seen. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vips/vips.h>

#include "media/jpeg_header.h"
#include "media/media.h"
#include "media/media_proto.h"

#define MEMORY_MAX (2ull << 30)
#define OUTPUT_MAX (256ull << 20)
#define NOBODY     65534
#define HEAD_BYTES                                                                                 \
    (64 * 1024) /* of a file; most headers end within, with a small preview in them */

#define PNG_CHUNKS_MAX 100000 /* looked at; whoever has more is left to the decoder */
static const unsigned char PNG_END[12] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};

/* Decoders that may run; everything else of libvips is blocked. */
static const struct {
    const char *operation, *mime;
} loaders[] = {
    {"VipsForeignLoadJpegSource", "image/jpeg"}, {"VipsForeignLoadPngSource", "image/png"},
    {"VipsForeignLoadWebpSource", "image/webp"}, {"VipsForeignLoadTiffSource", "image/tiff"},
    {"VipsForeignLoadNsgifSource", "image/gif"}, {"VipsForeignLoadHeifSource", "image/heif"},
};

/* ---- the sandbox ---- */

static void limit(__rlimit_resource_t what, unsigned long long n)
{
    struct rlimit r = {n, n};

    setrlimit(what, &r);
}

static void drop_privileges(void)
{
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 ||
                           setresuid(NOBODY, NOBODY, NOBODY) != 0))
        _exit(3);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        _exit(3);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* after the change of user, which clears it */
    limit(RLIMIT_AS, MEMORY_MAX);
    limit(RLIMIT_FSIZE, OUTPUT_MAX);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, 32);
}

/* What decoding needs; any other system call fails with EPERM, so libraries fall back. */
static void install_filter(void)
{
    static const int allowed[] = {
        SCMP_SYS(read),
        SCMP_SYS(readv),
        SCMP_SYS(pread64),
        SCMP_SYS(write),
        SCMP_SYS(writev),
        SCMP_SYS(pwrite64),
        SCMP_SYS(lseek),
        SCMP_SYS(fstat),
        SCMP_SYS(close),
        SCMP_SYS(dup),
        SCMP_SYS(fcntl),
        SCMP_SYS(mmap),
        SCMP_SYS(munmap),
        SCMP_SYS(mprotect),
        SCMP_SYS(mremap),
        SCMP_SYS(madvise),
        SCMP_SYS(brk),
        SCMP_SYS(futex),
        SCMP_SYS(set_robust_list),
        SCMP_SYS(rseq),
        SCMP_SYS(rt_sigaction),
        SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn),
        SCMP_SYS(sigaltstack),
        SCMP_SYS(exit),
        SCMP_SYS(exit_group),
        SCMP_SYS(sched_yield),
        SCMP_SYS(sched_getaffinity),
        SCMP_SYS(getpid),
        SCMP_SYS(gettid),
        SCMP_SYS(tgkill),
        SCMP_SYS(clock_gettime),
        SCMP_SYS(clock_nanosleep),
        SCMP_SYS(nanosleep),
        SCMP_SYS(gettimeofday),
        SCMP_SYS(recvmsg),
        SCMP_SYS(sendmsg),
        SCMP_SYS(poll),
        SCMP_SYS(ppoll),
        SCMP_SYS(getrandom),
        SCMP_SYS(ftruncate),
    };
    scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int rc = c ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < sizeof allowed / sizeof allowed[0]; i++)
        rc = seccomp_rule_add(c, SCMP_ACT_ALLOW, allowed[i], 0);
    /* threads, but no processes; glibc falls back from clone3, whose flags cannot be looked at */
    if (rc == 0)
        rc = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
    if (rc == 0)
        rc = seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (rc != 0 || seccomp_load(c) != 0)
        _exit(4);
    seccomp_release(c);
}

/* ---- images ---- */

static void fail(struct media_reply *reply, const char *message)
{
    snprintf(reply->message, sizeof reply->message, "%s", message);
}

static bool few_enough(int64_t width, int64_t height, const struct media_request *rq,
                       struct media_reply *reply)
{
    if (width * height <= rq->pixels_max)
        return true;
    snprintf(reply->message, sizeof reply->message,
             "has %" PRId64 " x %" PRId64 " pixels, more than allowed", width, height);
    return false;
}

/* The image behind a descriptor, header read; NULL: *reply says why not. */
static VipsImage *open_image(int fd, const struct media_request *rq, struct media_reply *reply)
{
    VipsSource *source;
    VipsImage *image = NULL;
    const char *loader;

    lseek(fd, 0, SEEK_SET);
    source = vips_source_new_from_descriptor(fd);
    loader = source ? vips_foreign_find_load_source(source) : NULL;
    for (size_t i = 0; loader && i < sizeof loaders / sizeof loaders[0]; i++)
        if (strcmp(loader, loaders[i].operation) == 0) {
            snprintf(reply->mime, sizeof reply->mime, "%s", loaders[i].mime);
            vips_call(loader, source, &image, "access", VIPS_ACCESS_SEQUENTIAL, NULL);
        }
    if (source)
        g_object_unref(source);
    if (image == NULL) {
        fail(reply, reply->mime[0] ? "is a damaged image"
                                   : "is no JPEG, PNG, WebP, TIFF, GIF or HEIF image");
        vips_error_clear();
        return NULL;
    }
    if (few_enough(vips_image_get_width(image), vips_image_get_height(image), rq, reply))
        return image;
    g_object_unref(image);
    return NULL;
}

/* The short way. false: the long one has to tell. */
static bool probe_jpeg(int fd, const struct media_request *rq, struct media_reply *reply)
{
    static unsigned char head[HEAD_BYTES];
    struct jpeg_size size;
    ssize_t n = pread(fd, head, sizeof head, 0);

    if (n <= 0 || !jpeg_header(head, (size_t)n, &size))
        return false;
    snprintf(reply->mime, sizeof reply->mime, "image/jpeg");
    reply->width = size.width;
    reply->height = size.height;
    reply->ok = few_enough(size.width, size.height, rq, reply);
    return true;
}

/* A header says nothing of what is behind it. A PNG tells where it ends, and decoders refuse what
 * ends before; something behind the end is no harm. (WebP has its length in its header, which its
 * decoder looks at; the others show what there is.) */
static bool is_cut_off_png(int fd, const char *mime)
{
    off_t size = lseek(fd, 0, SEEK_END);
    unsigned char b[12];

    if (strcmp(mime, "image/png") != 0 || size < 12 ||
        (pread(fd, b, 12, size - 12) == 12 && memcmp(b, PNG_END, sizeof PNG_END) == 0))
        return false;
    off_t at = 8; /* something is behind the end, or there is none: from chunk to chunk */
    for (int i = 0; i < PNG_CHUNKS_MAX && pread(fd, b, 8, at) == 8; i++) {
        at += 12 + (off_t)((uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]);
        if (memcmp(b + 4, "IEND", 4) == 0)
            return at > size;
        if (at > size)
            return true;
    }
    return at + 8 > size;
}

static void probe(int fd, const struct media_request *rq, struct media_reply *reply)
{
    VipsImage *image = NULL;

    if (!probe_jpeg(fd, rq, reply))
        image = open_image(fd, rq, reply);
    if (image && is_cut_off_png(fd, reply->mime)) {
        fail(reply, "is cut off: its end is missing");
        g_clear_object(&image);
    }
    if (image == NULL)
        return;
    bool swap = vips_image_get_orientation_swap(image);
    reply->width = swap ? vips_image_get_height(image) : vips_image_get_width(image);
    reply->height = swap ? vips_image_get_width(image) : vips_image_get_height(image);
    reply->ok = 1;
    g_object_unref(image);
}

static void resize(int fd, int out_fd, const struct media_request *rq, struct media_reply *reply)
{
    VipsImage *image = open_image(fd, rq, reply), *small = NULL;
    int width = rq->width ? (int)rq->width : VIPS_MAX_COORD;
    int height = rq->height ? (int)rq->height : VIPS_MAX_COORD;
    bool box = rq->width && rq->height;
    VipsInteresting crop =
        box && rq->method == MEDIA_FILL ? VIPS_INTERESTING_CENTRE : VIPS_INTERESTING_NONE;
    VipsSize force = box && rq->method == MEDIA_FORCE ? VIPS_SIZE_FORCE : VIPS_SIZE_DOWN;
    char suffix[48];

    if (image == NULL)
        return;
    g_object_unref(image);
    lseek(fd, 0, SEEK_SET);
    if (lseek(out_fd, 0, SEEK_SET) < 0 || ftruncate(out_fd, 0) != 0) { /* of an earlier try */
        fail(reply, "has no room for its preview");
        return;
    }
    VipsSource *source = vips_source_new_from_descriptor(fd);
    VipsTarget *target = vips_target_new_to_descriptor(out_fd);
    if (strcmp(rq->format, "png") == 0)
        snprintf(suffix, sizeof suffix, ".png[strip]");
    else
        snprintf(suffix, sizeof suffix, ".%.7s[strip,Q=%u%s]", rq->format, rq->quality,
                 strcmp(rq->format, "jpeg") == 0 ? ",background=255" : "");
    if (source && target &&
        vips_thumbnail_source(source, &small, width, "height", height, "size", force, "crop", crop,
                              NULL) == 0 &&
        vips_image_write_to_target(small, suffix, target, NULL) == 0) {
        reply->width = vips_image_get_width(small);
        reply->height = vips_image_get_height(small);
        reply->ok = 1;
    } else {
        fail(reply, "is a damaged image");
        vips_error_clear();
    }
    g_clear_object(&small);
    g_clear_object(&source);
    g_clear_object(&target);
}

/* ---- the loop ---- */

static ssize_t receive(struct media_request *rq, int fds[2])
{
    char control[CMSG_SPACE(2 * sizeof(int))];
    struct iovec iov = {rq, sizeof *rq};
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n;

    fds[0] = fds[1] = -1;
    do
        n = recvmsg(MEDIA_SOCKET_FD, &msg, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(fds, CMSG_DATA(c),
               c->cmsg_len - CMSG_LEN(0) > 2 * sizeof(int) ? 2 * sizeof(int)
                                                           : c->cmsg_len - CMSG_LEN(0));
    return n;
}

static void serve(void)
{
    struct media_request rq;
    int fds[2];

    while (receive(&rq, fds) == (ssize_t)sizeof rq) {
        struct media_reply reply = {0};

        if (!media_request_ok(&rq))
            fail(&reply, "was asked for in a way that is not known");
        else if (rq.op == MEDIA_PROBE && fds[0] >= 0)
            probe(fds[0], &rq, &reply);
        else if (rq.op == MEDIA_RESIZE && fds[0] >= 0 && fds[1] >= 0)
            resize(fds[0], fds[1], &rq, &reply);
        else
            fail(&reply, "was asked for in a way that is not known");
        for (int i = 0; i < 2; i++)
            if (fds[i] >= 0)
                close(fds[i]);
        struct iovec iov = {&reply, sizeof reply};
        struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
        if (sendmsg(MEDIA_SOCKET_FD, &msg, MSG_NOSIGNAL) < 0)
            break;
    }
}

/* Only the decoders above, and what thumbnails are made with. */
static void block_loaders(void)
{
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < sizeof loaders / sizeof loaders[0]; i++)
        vips_operation_block_set(loaders[i].operation, FALSE);
    vips_block_untrusted_set(TRUE);
    vips_cache_set_max(0);
    vips_concurrency_set(1);
}

int main(int argc, char **argv)
{
    (void)argc;
    if (fcntl(MEDIA_SOCKET_FD, F_GETFD) < 0) {
        fputs("labeld-media is started by labeld; it is of no use alone\n", stderr);
        return 2;
    }
    if (VIPS_INIT(argv[0]) != 0)
        return 5;
    block_loaders();
    drop_privileges();
    install_filter();
    serve();
    return 0;
}
