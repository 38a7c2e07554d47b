/* Which server, as whom: the environment, what `labelctl login` has stored, .env files.
 *
 * Address and token always come from the same place, so that a token is never sent to a server that
 * it is not for. */
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define ATTEMPTS    5
#define SECRET_SIZE 512
#define ADDRESS_KEY "SERVER_ADDRESS="
#define TOKEN_KEY   "API_TOKEN="

/* ---- the file ---- */

/* The folder, or the file in it; NULL after a message. */
static const char *config_path(struct ctl *c, const char *file)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (xdg && *xdg == '/')
        return ctl_format(c, "%s/labelctl%s", xdg, file);
    if (home && *home == '/')
        return ctl_format(c, "%s/.config/labelctl%s", home, file);
    ctl_fail(c, CTL_FAILED, "neither XDG_CONFIG_HOME nor HOME is set");
    return NULL;
}

static bool make_folders(char *path)
{
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        mkdir(path, 0700);
        *p = '/';
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool write_all(int fd, const char *text)
{
    size_t n = strlen(text);
    bool good = write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;

    return (close(fd) == 0) && good;
}

int ctl_config_save(struct ctl *c, const char *address, const char *token)
{
    const char *folder = config_path(c, ""), *path = config_path(c, "/credentials");
    const char *text = ctl_format(c, ADDRESS_KEY "%s\n" TOKEN_KEY "%s\n", address, token);
    char *part;
    int fd;

    if (folder == NULL || path == NULL)
        return CTL_FAILED;
    part = ctl_format(c, "%s.part", path);
    if (!make_folders(ctl_format(c, "%s", folder)))
        return ctl_fail(c, CTL_FAILED, "%s: %s", folder, strerror(errno));
    unlink(part);
    fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || !write_all(fd, text) || rename(part, path) != 0)
        return ctl_fail(c, CTL_FAILED, "%s: %s", path, strerror(errno));
    return CTL_DONE;
}

int ctl_config_forget(struct ctl *c)
{
    const char *path = config_path(c, "/credentials");

    if (path == NULL)
        return CTL_FAILED;
    if (unlink(path) != 0 && errno != ENOENT)
        return ctl_fail(c, CTL_FAILED, "%s: %s", path, strerror(errno));
    return CTL_DONE;
}

static const char *value_of(struct ctl *c, const char *text, const char *key)
{
    const char *line = text;

    while (line && strncmp(line, key, strlen(key)) != 0)
        line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
    if (line == NULL)
        return NULL;
    line += strlen(key);
    return ctl_format(c, "%.*s", (int)strcspn(line, "\r\n"), line);
}

/* Address and token of the file into settings; no file is fine. */
static int read_config(struct ctl *c, struct label_settings *settings)
{
    const char *path = config_path(c, "/credentials"), *text;
    struct stat st;

    if (path == NULL || stat(path, &st) != 0)
        return CTL_DONE;
    if ((st.st_mode & 077) != 0)
        return ctl_fail(c, CTL_FAILED, "%s holds your token and is open to others: chmod 600 it",
                        path);
    text = ctl_read_file(c, path);
    if (text == NULL)
        return CTL_FAILED;
    settings->server_address = value_of(c, text, ADDRESS_KEY);
    settings->token = value_of(c, text, TOKEN_KEY);
    return CTL_DONE;
}

/* ---- connecting ---- */

static void on_retry(void *ctx, const struct label_retry *r)
{
    char *message = ctl_cut(r->message, 0);

    ctl_note(ctx, "labelctl: %s; attempt %d of %d in %.1f s", message ? message : r->method,
             r->attempt + 1, r->attempts_max, (double)r->wait_ms / 1000);
    free(message);
}

struct label_settings ctl_settings(struct ctl *c)
{
    struct label_settings settings = {
        .attempts = (int)ctl_id(c, "retries"), .on_retry = on_retry, .on_retry_ctx = c};
    const char *retries = getenv("SUPERVISELY_PUBLIC_API_RETRIES");
    const char *wait = getenv("SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC");
    int64_t n;

    if (settings.attempts == 0)
        settings.attempts = retries && ctl_read_id(retries, &n) && n < 1000 ? (int)n : ATTEMPTS;
    if (wait && ctl_read_id(wait, &n) && n <= 60)
        settings.retry_wait_ms = (int)n * 1000;
    return settings;
}

static int open_api(struct ctl *c, const struct label_settings *settings)
{
    return label_open(settings, &c->api, &c->error) == LABEL_OK ? CTL_DONE : ctl_failed(c);
}

int ctl_connect(struct ctl *c)
{
    struct label_settings settings = ctl_settings(c);
    struct label_env *env;
    int code;

    if (getenv("SERVER_ADDRESS") == NULL && getenv("API_TOKEN") == NULL) {
        code = read_config(c, &settings);
        if (code != CTL_DONE)
            return code;
        if (settings.server_address && settings.token)
            return open_api(c, &settings);
    }
    if (label_env_load(&env, &c->error) != LABEL_OK)
        return ctl_failed(c);
    settings.server_address = label_env_get(env, "SERVER_ADDRESS");
    settings.token = label_env_get(env, "API_TOKEN");
    if (settings.server_address && settings.token)
        code = open_api(c, &settings);
    else
        code = ctl_fail(c, CTL_DENIED, "%s is not set; labelctl login URL stores both",
                        settings.server_address ? "API_TOKEN" : "SERVER_ADDRESS");
    label_free(env);
    return code;
}

/* ---- passwords ---- */

static void on_interrupt(int number)
{
    (void)number; /* ppoll() ends */
}

/* SIGINT gets through only while this waits, so that none is lost before read(). */
static bool wait_for_input(const sigset_t *mask)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

    return mask == NULL || ppoll(&in, 1, NULL, mask) >= 0;
}

/* A line into buffer, without its end; its length, or -1 with errno. mask: of signals while it
 * waits, NULL: they are as they are. */
static ssize_t read_line(char *buffer, size_t size, const sigset_t *mask)
{
    size_t n = 0;

    while (n + 1 < size) {
        ssize_t got = wait_for_input(mask) ? read(STDIN_FILENO, buffer + n, 1) : -1;

        if (got < 0)
            return -1;
        if (got == 0 || buffer[n] == '\n')
            break;
        n++;
    }
    if (n > 0 && buffer[n - 1] == '\r')
        n--;
    buffer[n] = '\0';
    return (ssize_t)n;
}

/* Echo stays on for what is no secret. */
static ssize_t ask(const char *what, char *buffer, size_t size)
{
    struct sigaction action = {.sa_handler = on_interrupt}, before;
    struct termios old, quiet;
    sigset_t blocked, mask;
    bool terminal = ctl_is_terminal(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &old) == 0;
    ssize_t n;

    if (!terminal)
        return read_line(buffer, size, NULL);
    sigaction(SIGINT, &action, &before);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &mask);
    quiet = old;
    if (strcmp(what, "login") != 0)
        quiet.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    fprintf(stderr, "%s: ", what); /* only now: what is typed before is lost */
    n = read_line(buffer, size, &mask);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGINT, &before, NULL);
    if ((quiet.c_lflag & (tcflag_t)ECHO) == 0 || n < 0)
        fputc('\n', stderr);
    return n;
}

const char *ctl_secret(struct ctl *c, const char *what, int *code)
{
    char *buffer = ctl_alloc(c, SECRET_SIZE);
    ssize_t n = ask(what, buffer, SECRET_SIZE);

    if (n > 0)
        return buffer;
    *code = n < 0 && errno == EINTR ? CTL_INTERRUPTED
                                    : ctl_fail(c, CTL_USAGE, "no %s on standard input", what);
    return NULL;
}
