/* Credentials: the environment and .env files, as the SDK and python-dotenv read them. */
#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 8192

struct variable {
    struct variable *next;
    const char *name, *value;
};

/* A result: what it holds was made by lb_result_alloc(). */
struct label_env {
    struct variable *first; /* of the files, the first wins */
};

static char *copy_text(struct lb_op *op, struct label_env *env, const char *p, size_t n)
{
    char *copy = lb_result_alloc(op, env, n + 1);

    if (copy)
        memcpy(copy, p, n);
    return copy;
}

static const char *find(const struct label_env *env, const char *name)
{
    for (const struct variable *v = env->first; v; v = v->next) {
        if (strcmp(v->name, name) == 0)
            return v->value;
    }
    return NULL;
}

static char *skip_blanks(char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* The value behind the '=': between quotes, or up to a comment. *n gets its length. */
static char *find_value(char *p, size_t *n)
{
    char *end;

    p = skip_blanks(p);
    if ((*p == '"' || *p == '\'') && (end = strchr(p + 1, *p)) != NULL) {
        *n = (size_t)(end - p - 1);
        return p + 1;
    }
    end = p;
    while (*end && !(*end == '#' && (end == p || end[-1] == ' ' || end[-1] == '\t')))
        end++;
    while (end > p && strchr(" \t\r\n", end[-1]) != NULL)
        end--;
    *n = (size_t)(end - p);
    return p;
}

static void take_line(struct lb_op *op, struct label_env *env, char *line)
{
    char *name = skip_blanks(line), *equals = strchr(line, '='), *value;
    size_t name_n, value_n;
    struct variable *v;

    if (strncmp(name, "export ", 7) == 0)
        name = skip_blanks(name + 7);
    if (*name == '#' || equals == NULL || equals <= name)
        return;
    name_n = strcspn(name, " \t=");
    value = find_value(equals + 1, &value_n);
    v = lb_result_alloc(op, env, sizeof *v);
    if (v == NULL)
        return;
    v->name = copy_text(op, env, name, name_n);
    v->value = copy_text(op, env, value, value_n);
    if (v->name == NULL || v->value == NULL || find(env, v->name) != NULL)
        return;
    v->next = env->first;
    env->first = v;
}

/* A file that does not exist is fine. */
static void read_file(struct lb_op *op, struct label_env *env, const char *path)
{
    char line[LINE_MAX_BYTES];
    FILE *f = fopen(path, "re");

    if (f == NULL) {
        if (errno != ENOENT && errno != ENOTDIR)
            lb_fail(op, LABEL_ERR_FILE, NULL, "%s: %s", path, strerror(errno));
        return;
    }
    while (fgets(line, sizeof line, f) != NULL && !lb_failed(op))
        take_line(op, env, line);
    if (ferror(f))
        lb_fail(op, LABEL_ERR_FILE, NULL, "%s: %s", path, strerror(errno));
    fclose(f);
}

static void read_home_file(struct lb_op *op, struct label_env *env)
{
    const char *home = getenv("HOME");
    char full[4096];

    if (home && snprintf(full, sizeof full, "%s/supervisely.env", home) < (int)sizeof full)
        read_file(op, env, full);
}

enum label_err label_env_load(struct label_env **env, struct label_error *error)
{
    const char *mode = getenv("ENV");
    struct lb_op op;

    lb_begin(&op, NULL, error);
    *env = lb_result_bytes(&op, NULL, sizeof **env);
    if (*env && !(mode && strcmp(mode, "production") == 0)) {
        read_file(&op, *env, "local.env");
        read_home_file(&op, *env);
    }
    if (lb_failed(&op)) {
        label_free(*env);
        *env = NULL;
    }
    return lb_end(&op);
}

const char *label_env_get(const struct label_env *env, const char *name)
{
    const char *value = getenv(name);

    return value ? value : find(env, name);
}

/* All digits, up to INT64_MAX; 0: no. */
static int64_t read_number(const char *text)
{
    int64_t n = 0;

    for (const char *p = text; *p; p++) {
        if (*p < '0' || *p > '9' || n > (INT64_MAX - 9) / 10)
            return 0;
        n = n * 10 + (*p - '0');
    }
    return n;
}

enum label_err label_env_id(const struct label_env *env, const char *name, int64_t *id,
                            struct label_error *error)
{
    const char *value = label_env_get(env, name);
    struct lb_op op;

    lb_begin(&op, NULL, error);
    *id = value ? read_number(value) : 0;
    if (value == NULL)
        lb_fail(&op, LABEL_ERR_ARGUMENT, name, "%s is not set", name);
    else if (*id == 0)
        lb_fail(&op, LABEL_ERR_ARGUMENT, name, "%s is '%s', which is no id", name, value);
    return lb_end(&op);
}

static int small_number(const struct label_env *env, const char *name, int most)
{
    const char *value = label_env_get(env, name);
    int64_t n = value ? read_number(value) : 0;

    return n > most ? most : (int)n;
}

enum label_err label_open_from_env(struct label_api **api, struct label_error *error)
{
    struct label_settings settings = {0};
    struct label_env *env;
    enum label_err err = label_env_load(&env, error);
    struct lb_op op;

    *api = NULL;
    if (err != LABEL_OK)
        return err;
    lb_begin(&op, NULL, error);
    settings.server_address = label_env_get(env, "SERVER_ADDRESS");
    settings.token = label_env_get(env, "API_TOKEN");
    settings.attempts = small_number(env, "SUPERVISELY_PUBLIC_API_RETRIES", 1000);
    settings.retry_wait_ms = 1000 * small_number(env, "SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC", 60);
    if (settings.server_address == NULL)
        lb_fail(&op, LABEL_ERR_ARGUMENT, "SERVER_ADDRESS", "SERVER_ADDRESS is not set");
    else if (settings.token == NULL)
        lb_fail(&op, LABEL_ERR_ARGUMENT, "API_TOKEN", "API_TOKEN is not set");
    err = lb_end(&op);
    if (err == LABEL_OK)
        err = label_open(&settings, api, error);
    label_free(env);
    return err;
}
