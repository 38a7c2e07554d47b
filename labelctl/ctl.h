/* Inside labelctl: what its files share.
 *
 * A command is a row of commands.tbl; its handler gets a struct ctl with the parsed command line
 * and a handle to the server, and returns an exit code. */
#ifndef LABELCTL_CTL_H
#define LABELCTL_CTL_H

#include <jansson.h>
#include <label/label.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))

/* ---- exit codes: documented in help.c ---- */

enum {
    CTL_DONE,
    CTL_FAILED,
    CTL_USAGE,
    CTL_NOT_FOUND,
    CTL_DENIED,
    CTL_UNREACHABLE,
    CTL_REFUSED,
    CTL_WAITED,
    CTL_INTERRUPTED = 130,
};

/* ---- the tables: tables.c ---- */

enum option_type {
    OPT_FLAG,
    OPT_ID,     /* a positive number */
    OPT_NUMBER, /* 0 or more */
    OPT_TEXT,
    OPT_IDS, /* may be repeated, and hold several with commas between */
    OPT_TEXTS,
};

struct option_row {
    const char *name; /* without dashes */
    enum option_type type;
    const char *value, *help;
    const char *choices; /* words, one of which it must be; NULL: anything */
};

struct ctl;

struct command {
    const char *name;
    const char *args;    /* "ID... [FILE]"; what is named ID must be one */
    const char *options; /* names of rows of options.tbl; one that ends with ! must be given */
    bool offline;        /* needs no server */
    const char *summary, *help, *example;
    int (*run)(struct ctl *c);
};

extern const struct command ctl_commands[];
extern const size_t ctl_commands_n;
extern const struct option_row ctl_options[];
extern const size_t ctl_options_n;

const struct option_row *ctl_find_option(const char *name, size_t n);

/* Go over the options of a command, the common ones last: start with NULL. */
const struct option_row *ctl_next_option(const struct command *command, const char **at,
                                         bool *required);

/* ---- a run of a command ---- */

struct ctl_value {
    const struct option_row *option;
    const char *text;
};

struct ctl {
    const struct command *command;
    struct label_api *api;
    struct label_error error;
    const char **args;
    size_t n_args;
    struct ctl_value *values; /* options, in the order they were given */
    size_t n_values;
    bool json, quiet;
    json_t *did;        /* what an action did, for --json */
    void *memory;       /* of ctl_alloc() */
    const char *resume; /* command line that goes on after Ctrl-C */
};

/* Memory that lives as long as the run, zeroed. Ends the program when there is none. */
void *ctl_alloc(struct ctl *c, size_t n);
__attribute__((format(printf, 2, 3))) char *ctl_format(struct ctl *c, const char *format, ...);

/* ---- parse.c ---- */

/* Fill in args and values; CTL_DONE, or CTL_USAGE with a message on standard error. */
int ctl_parse(struct ctl *c, int argc, char **argv);
__attribute__((format(printf, 2, 3))) int ctl_usage(const struct ctl *c, const char *format, ...);

/* Values of options and arguments; the command must take them. What was not given is NULL, 0, false
 * or empty. */
const char *ctl_text(const struct ctl *c, const char *option);
int64_t ctl_id(const struct ctl *c, const char *option);
bool ctl_flag(const struct ctl *c, const char *option);
struct label_ids ctl_ids(struct ctl *c, const char *option);
struct label_names ctl_names(struct ctl *c, const char *option);
const char *ctl_arg(const struct ctl *c, size_t i);
int64_t ctl_arg_id(const struct ctl *c, size_t i);
struct label_ids ctl_arg_ids(struct ctl *c);

/* A number of digits; false: none, or too large. */
bool ctl_read_id(const char *text, int64_t *id);

/* --limit, --sort and --desc for lists. */
struct label_list_options ctl_list_options(const struct ctl *c);

/* ---- help.c ---- */

void ctl_help_all(void);
bool ctl_help_group(const char *group); /* false: there is no such */
void ctl_help_command(const struct command *command);

/* ---- config.c: who we are ---- */

int ctl_connect(struct ctl *c);
int ctl_config_save(struct ctl *c, const char *address, const char *token);
int ctl_config_forget(struct ctl *c);

/* Settings with the retries of the command line and the environment. */
struct label_settings ctl_settings(struct ctl *c);

/* First line of standard input; on a terminal after a question, without echo. NULL after a message:
 * *code is the exit code. */
const char *ctl_secret(struct ctl *c, const char *what, int *code);

/* ---- find.c: things by name ---- */

/* --team, or what stands for it. Exit codes. */
int ctl_team(struct ctl *c, int64_t *id);
int ctl_workspace(struct ctl *c, int64_t *id);
int ctl_user(struct ctl *c, int64_t team_id, const char *id_or_login, int64_t *id);
int ctl_users(struct ctl *c, int64_t team_id, const char *option, struct label_ids *ids);
int64_t ctl_role(const char *name); /* of options.tbl */
bool ctl_is_status(const char *text);

/* Fill in the filter that --name is; how many that are. */
size_t ctl_name_filter(struct ctl *c, struct label_filter *filter);
/* "[\"a\",\"b\"]", of ctl_alloc(). */
const char *ctl_json_names(struct ctl *c, const struct label_names *names);

/* cmd_job.c: what jobs and queues are made of, and the team of their dataset. */
int ctl_job_options(struct ctl *c, struct label_job_options *options, int64_t *team);

/* ---- report.c: what goes wrong and what was done ---- */

/* Say what c->error holds, and what can be done about it; the exit code for it. */
int ctl_failed(struct ctl *c);
__attribute__((format(printf, 3, 4))) int ctl_fail(struct ctl *c, int code, const char *format,
                                                   ...);
/* A note on standard error, unless --quiet. */
__attribute__((format(printf, 2, 3))) void ctl_note(const struct ctl *c, const char *format, ...);

/* "job 5: archived". */
void ctl_did(struct ctl *c, const char *what, int64_t id, const char *done);
/* Print for --json what ctl_did() has been told; CTL_DONE. */
int ctl_did_all(struct ctl *c);

/* Whole text of a file, "-" is standard input; of ctl_alloc(). NULL after a message. */
const char *ctl_read_file(struct ctl *c, const char *path);

/* A word for a command line that a shell reads. */
const char *ctl_shell_word(struct ctl *c, const char *word);

/* ---- show.c: results as tables ---- */

enum column_kind {
    COL_TEXT,
    COL_NUMBER,
    COL_TIME,
    COL_SIZE,   /* bytes, a number or digits */
    COL_STATUS, /* with a colour */
    COL_YES,    /* true is "yes", false nothing */
    COL_LIST,   /* ids or names of a list */
    COL_COUNT,  /* how many a list holds */
    COL_PART,   /* of two keys with a / between: "3/6" */
    COL_JSON,
};

struct column {
    const char *title, *key; /* "meta.range.start" */
    enum column_kind kind;
};

/* Print and free a result; CTL_DONE. Columns end with an empty one. */
int ctl_show_list(struct ctl *c, const void *result, const struct column *columns);
int ctl_show_one(struct ctl *c, const void *result, const struct column *columns);
/* A list that is a member of a result. */
int ctl_show_member(struct ctl *c, const void *result, const char *key,
                    const struct column *columns);
/* A status, and with --json the id it is of. Frees it. */
int ctl_show_status(struct ctl *c, int64_t id, char *status);
/* JSON text, as it is with --json and indented without; the second is given a text of the library,
 * and frees it. */
int ctl_show_text(struct ctl *c, const char *text);
int ctl_show_json(struct ctl *c, char *text);

/* ---- term.c ---- */

bool ctl_is_terminal(int fd);
int ctl_columns(int fd); /* of the terminal; 0: it is none */
bool ctl_colours(int fd);
/* Columns that UTF-8 text takes; what is no text, and what drives terminals, counts as "?". */
int ctl_width(const char *text);
/* Copy it as it may be shown, cut to columns (0: all). malloc()ed. */
char *ctl_cut(const char *text, int columns);
void ctl_size_text(int64_t bytes, char *to, size_t size);

/* ---- progress.c ---- */

struct ctl_progress {
    const char *what;
    size_t done, total; /* items, with those before this transfer */
    int64_t bytes, bytes_before;
    size_t done_before, skipped;
    int64_t start_ms, shown_ms;
    bool bar, quiet, drawn;
};

void ctl_progress_begin(struct ctl *c, struct ctl_progress *p, const char *what, size_t total);
/* A library's progress that adds to what was done before. */
struct label_progress ctl_progress_hook(struct ctl_progress *p);
void ctl_progress_add(struct ctl_progress *p, size_t items, int64_t bytes);
void ctl_progress_skip(struct ctl_progress *p, size_t items); /* done, but long ago */
void ctl_progress_end(struct ctl_progress *p);
void ctl_progress_clear(void); /* before a message */
int64_t ctl_now_ms(void);

/* ---- handlers: cmd_*.c ---- */

#define COMMAND(name, run, args, options, offline, summary, help, example) int run(struct ctl *c);
#include "commands.tbl"
#undef COMMAND

#endif
