/* labelctl: find the command, run it, end with its exit code. */
#include "ctl.h"

#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- memory of a run ---- */

struct block {
    struct block *next;
    max_align_t data[];
};

static void *must(void *p)
{
    if (p == NULL) {
        fputs("labelctl: out of memory\n", stderr);
        exit(CTL_FAILED);
    }
    return p;
}

void *ctl_alloc(struct ctl *c, size_t n)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct block *b = must(calloc(1, sizeof *b + n));

    pthread_mutex_lock(&lock); /* transfers have threads */
    b->next = c->memory;
    c->memory = b;
    pthread_mutex_unlock(&lock);
    return b->data;
}

char *ctl_format(struct ctl *c, const char *format, ...)
{
    va_list args, again;
    char *text;
    int n;

    va_start(args, format);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, format, args);
    text = ctl_alloc(c, (size_t)(n < 0 ? 0 : n) + 1);
    vsnprintf(text, (size_t)(n < 0 ? 0 : n) + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

static void free_all(struct ctl *c)
{
    struct block *b = c->memory;

    while (b) {
        struct block *next = b->next;

        free(b);
        b = next;
    }
    json_decref(c->did);
    label_close(c->api);
}

/* ---- Ctrl-C: the first ends what runs at a safe point, the second at once ---- */

static struct label_api *volatile to_cancel;

static void on_signal(int number)
{
    (void)number;
    if (to_cancel)
        label_cancel(to_cancel);
}

static void watch_signals(struct label_api *api)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    to_cancel = api;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- finding and running ---- */

static const struct command *find_command(int argc, char **argv, int *words)
{
    for (size_t i = 0; i < ctl_commands_n; i++) {
        const char *name = ctl_commands[i].name, *space = strchr(name, ' ');
        size_t n = space ? (size_t)(space - name) : strlen(name);

        if (strlen(argv[1]) != n || strncmp(argv[1], name, n) != 0)
            continue;
        *words = space ? 2 : 1;
        if (space == NULL || (argc > 2 && strcmp(argv[2], space + 1) == 0))
            return &ctl_commands[i];
    }
    return NULL;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct ctl c = {.command = command};
    int code = ctl_parse(&c, argc, argv);

    if (code == CTL_DONE && ctl_flag(&c, "help")) {
        ctl_help_command(command);
    } else if (code == CTL_DONE) {
        if (!command->offline)
            code = ctl_connect(&c);
        if (code == CTL_DONE) {
            watch_signals(c.api);
            code = command->run(&c);
        }
    }
    to_cancel = NULL;
    free_all(&c);
    if (fflush(stdout) != 0 && code == CTL_DONE) {
        perror("labelctl: standard output");
        code = CTL_FAILED;
    }
    return code;
}

static bool is(const char *text, const char *a, const char *b)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

int main(int argc, char **argv)
{
    const struct command *command;
    int words;

    setlocale(LC_CTYPE, "C.UTF-8"); /* for widths of characters; texts of the server are UTF-8 */
    if (argc < 2) {
        fputs("labelctl: please give a command; see labelctl --help\n", stderr);
        return CTL_USAGE;
    }
    if (is(argv[1], "--help", "help")) {
        ctl_help_all();
        return CTL_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("labelctl %s\n", label_version());
        return CTL_DONE;
    }
    command = find_command(argc, argv, &words);
    if (command)
        return run(command, argc - 1 - words, argv + 1 + words);
    if (argc > 2 && is(argv[2], "--help", "help") && ctl_help_group(argv[1]))
        return CTL_DONE;
    fprintf(stderr, "labelctl: there is no command '%s%s%s'; see labelctl --help\n", argv[1],
            argc > 2 ? " " : "", argc > 2 ? argv[2] : "");
    return CTL_USAGE;
}
