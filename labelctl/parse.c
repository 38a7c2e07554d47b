/* The command line: options and arguments, checked by the tables. */
#include "ctl.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ctl_usage(const struct ctl *c, const char *format, ...)
{
    va_list args;

    fputs("labelctl: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nSee: labelctl %s --help\n", c->command->name);
    return CTL_USAGE;
}

bool ctl_read_id(const char *text, int64_t *id)
{
    int64_t n = 0;

    for (const char *p = text; *p; p++) {
        if (!isdigit((unsigned char)*p) || n > (INT64_MAX - 9) / 10)
            return false;
        n = n * 10 + (*p - '0');
    }
    *id = n;
    return *text != '\0';
}

/* "7", or with commas between them several. */
static bool are_ids(const char *text, bool several)
{
    char one[32];

    for (;;) {
        size_t n = several ? strcspn(text, ",") : strlen(text);
        int64_t id;

        if (n >= sizeof one)
            return false;
        memcpy(one, text, n);
        one[n] = '\0';
        if (!ctl_read_id(one, &id) || id == 0)
            return false;
        if (text[n] == '\0')
            return true;
        text += n + 1;
    }
}

static bool is_choice(const char *choices, const char *text)
{
    size_t n = strlen(text);

    for (const char *p = choices; n > 0 && (p = strstr(p, text)) != NULL; p++) {
        if ((p == choices || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
            return strchr(text, ' ') == NULL;
    }
    return false;
}

/* ---- options ---- */

static int check_value(const struct ctl *c, const struct option_row *o, const char *text)
{
    int64_t number;

    if ((o->type == OPT_ID || o->type == OPT_IDS) && !are_ids(text, o->type == OPT_IDS))
        return ctl_usage(c, "--%s wants an id, a positive number, not '%s'", o->name, text);
    if (o->type == OPT_NUMBER && (!ctl_read_id(text, &number) || number > INT32_MAX))
        return ctl_usage(c, "--%s wants a number, not '%s'", o->name, text);
    if (o->choices && !is_choice(o->choices, text))
        return ctl_usage(c, "--%s is one of: %s; not '%s'", o->name, o->choices, text);
    return CTL_DONE;
}

static bool is_given(const struct ctl *c, const struct option_row *o)
{
    for (size_t i = 0; i < c->n_values; i++) {
        if (c->values[i].option == o)
            return true;
    }
    return false;
}

static const struct option_row *option_of(const struct ctl *c, const char *name, size_t n)
{
    const struct option_row *o;
    const char *at = NULL;
    bool required;

    while ((o = ctl_next_option(c->command, &at, &required)) != NULL) {
        if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
            return o;
    }
    return NULL;
}

/* --name, --name=value or --name value; *i moves on over the value. */
static int take_option(struct ctl *c, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2, *text = "";
    size_t n = strcspn(name, "=");
    const struct option_row *o = option_of(c, name, n);
    int code;

    if (o == NULL)
        return ctl_usage(c, "there is no option --%.*s here", (int)n, name);
    if (o->type == OPT_FLAG) {
        if (name[n] == '=')
            return ctl_usage(c, "--%s takes no value", o->name);
    } else if (name[n] == '=') {
        text = name + n + 1;
    } else if (*i + 1 < argc) {
        text = argv[++*i];
    } else {
        return ctl_usage(c, "--%s wants a value: --%s %s", o->name, o->name, o->value);
    }
    if (o->type != OPT_IDS && o->type != OPT_TEXTS && o->type != OPT_FLAG && is_given(c, o))
        return ctl_usage(c, "--%s is given twice", o->name);
    code = check_value(c, o, text);
    c->values[c->n_values++] = (struct ctl_value){o, text};
    return code;
}

static int check_required(const struct ctl *c)
{
    const struct option_row *o;
    const char *at = NULL;
    bool required;

    while ((o = ctl_next_option(c->command, &at, &required)) != NULL) {
        if (required && !is_given(c, o))
            return o->value ? ctl_usage(c, "please give --%s %s", o->name, o->value)
                            : ctl_usage(c, "please give --%s", o->name);
    }
    return CTL_DONE;
}

/* ---- arguments ---- */

/* The word of command->args for argument i; *n is its length without brackets and dots. */
static const char *arg_word(const struct command *command, size_t i, size_t *n)
{
    const char *p = command->args, *last = NULL;

    for (size_t k = 0; *p; k++) {
        last = p + (*p == '[');
        *n = strcspn(last, ".] ");
        if (k == i)
            return last;
        p += strcspn(p, " ");
        p += strspn(p, " ");
    }
    return last && strstr(last, "...") ? last : NULL;
}

static size_t args_needed(const struct command *command)
{
    size_t n = 0;

    for (const char *p = command->args; *p; p += strspn(p, " ")) {
        n += *p != '[';
        p += strcspn(p, " ");
    }
    return n;
}

static int check_args(const struct ctl *c)
{
    for (size_t i = 0; i < c->n_args; i++) {
        size_t n;
        const char *word = arg_word(c->command, i, &n);

        if (word == NULL)
            return ctl_usage(c, "'%s' is one argument too many", c->args[i]);
        if (n == 2 && strncmp(word, "ID", 2) == 0 && !are_ids(c->args[i], false))
            return ctl_usage(c, "'%s' is no id; ids are positive numbers", c->args[i]);
    }
    if (c->n_args < args_needed(c->command)) {
        size_t n;
        const char *word = arg_word(c->command, c->n_args, &n);

        return ctl_usage(c, "please give %.*s", (int)n, word);
    }
    return CTL_DONE;
}

int ctl_parse(struct ctl *c, int argc, char **argv)
{
    bool only_args = false;
    int code = CTL_DONE;

    c->args = ctl_alloc(c, (size_t)(argc + 1) * sizeof *c->args);
    c->values = ctl_alloc(c, (size_t)(argc + 1) * sizeof *c->values);
    for (int i = 0; i < argc && code == CTL_DONE; i++) {
        if (!only_args && strcmp(argv[i], "--") == 0)
            only_args = true;
        else if (!only_args && argv[i][0] == '-' && argv[i][1] == '-')
            code = take_option(c, argc, argv, &i);
        else if (!only_args && argv[i][0] == '-' && argv[i][1] != '\0')
            code = ctl_usage(c, "there is no option %s here", argv[i]);
        else
            c->args[c->n_args++] = argv[i];
    }
    c->json = ctl_flag(c, "json");
    c->quiet = ctl_flag(c, "quiet");
    if (code != CTL_DONE || ctl_flag(c, "help"))
        return code;
    code = check_args(c);
    return code == CTL_DONE ? check_required(c) : code;
}

/* ---- values ---- */

static const struct option_row *must_take(const struct ctl *c, const char *name)
{
    const struct option_row *o = option_of(c, name, strlen(name));

    if (o == NULL) /* a handler asks for what its row does not list */
        abort();
    return o;
}

const char *ctl_text(const struct ctl *c, const char *option)
{
    const struct option_row *o = must_take(c, option);

    for (size_t i = 0; i < c->n_values; i++) {
        if (c->values[i].option == o)
            return c->values[i].text;
    }
    return NULL;
}

int64_t ctl_id(const struct ctl *c, const char *option)
{
    const char *text = ctl_text(c, option);
    int64_t id = 0;

    if (text)
        ctl_read_id(text, &id);
    return id;
}

bool ctl_flag(const struct ctl *c, const char *option)
{
    return ctl_text(c, option) != NULL;
}

struct label_names ctl_names(struct ctl *c, const char *option)
{
    const struct option_row *o = must_take(c, option);
    const char **items = ctl_alloc(c, (c->n_values + 1) * sizeof *items);
    size_t n = 0;

    for (size_t i = 0; i < c->n_values; i++) {
        if (c->values[i].option == o)
            items[n++] = c->values[i].text;
    }
    return (struct label_names){items, n};
}

struct label_ids ctl_ids(struct ctl *c, const char *option)
{
    struct label_names texts = ctl_names(c, option);
    size_t most = 0, n = 0;
    int64_t *ids;

    for (size_t i = 0; i < texts.n; i++)
        most += strlen(texts.items[i]); /* more than there are ids in it */
    ids = ctl_alloc(c, (most + 1) * sizeof *ids);
    for (size_t i = 0; i < texts.n; i++) {
        for (const char *p = texts.items[i]; *p; p += *p == ',') {
            while (isdigit((unsigned char)*p))
                ids[n] = ids[n] * 10 + (*p++ - '0');
            n++;
        }
    }
    return (struct label_ids){ids, n};
}

const char *ctl_arg(const struct ctl *c, size_t i)
{
    return i < c->n_args ? c->args[i] : NULL;
}

int64_t ctl_arg_id(const struct ctl *c, size_t i)
{
    int64_t id = 0;

    if (i < c->n_args)
        ctl_read_id(c->args[i], &id);
    return id;
}

struct label_ids ctl_arg_ids(struct ctl *c)
{
    int64_t *ids = ctl_alloc(c, (c->n_args + 1) * sizeof *ids);

    for (size_t i = 0; i < c->n_args; i++)
        ids[i] = ctl_arg_id(c, i);
    return (struct label_ids){ids, c->n_args};
}

struct label_list_options ctl_list_options(const struct ctl *c)
{
    const char *sort = ctl_text(c, "sort");

    return (struct label_list_options){
        .sort = sort,
        .sort_order = sort == NULL          ? NULL
                      : ctl_flag(c, "desc") ? "desc"
                                            : "asc",
        .limit = ctl_id(c, "limit"),
    };
}
