/* Results as aligned tables that fit the terminal, as lines of one object, or as JSON. */
#include "ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS_MAX 16
#define GAP         2
#define WIDTH_LEAST 6 /* no column is cut to less */

/* ---- cells ---- */

static const json_t *value_at(const json_t *row, const char *key, size_t n)
{
    const char *dot;

    while ((dot = memchr(key, '.', n)) != NULL) {
        row = json_object_getn(row, key, (size_t)(dot - key));
        n -= (size_t)(dot + 1 - key);
        key = dot + 1;
    }
    return json_object_getn(row, key, n);
}

/* A number, text, yes or nothing, as text. malloc()ed. */
static char *plain(const json_t *value)
{
    char number[32];

    if (json_is_string(value))
        return strdup(json_string_value(value));
    if (value == NULL || json_is_null(value))
        return strdup("");
    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return strdup(number);
    }
    return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

/* "2026-01-31T12:00:00.000Z" to "2026-01-31 12:00:00". */
static char *time_text(const json_t *value)
{
    char *text = plain(value);

    if (text && strlen(text) > 19 && text[10] == 'T') {
        text[10] = ' ';
        text[19] = '\0';
    }
    return text;
}

static char *size_text(const json_t *value)
{
    char text[32];
    int64_t bytes = json_integer_value(value);

    if (json_is_string(value) && !ctl_read_id(json_string_value(value), &bytes))
        return plain(value);
    ctl_size_text(bytes, text, sizeof text);
    return strdup(text);
}

/* What of an item of a list is shown. */
static char *item_text(const json_t *item)
{
    static const char *const keys[] = {"name", "title", "login", "id"};

    for (size_t i = 0; json_is_object(item) && i < ARRAY_LEN(keys); i++) {
        if (json_object_get(item, keys[i]))
            return plain(json_object_get(item, keys[i]));
    }
    return plain(item);
}

static char *list_text(const json_t *list)
{
    char *all = strdup("");
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(list) && all; i++) {
        char *one = item_text(json_array_get(list, i));
        size_t more = one ? strlen(one) : 0;
        char *grown = realloc(all, n + more + 3);

        if (grown) {
            n += (size_t)snprintf(grown + n, more + 3, "%s%s", i ? ", " : "", one ? one : "");
            all = grown;
        }
        free(one);
    }
    return all;
}

static char *part_text(const json_t *row, const char *key)
{
    const char *slash = strchr(key, '/');
    char text[64];

    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
             json_integer_value(value_at(row, key, (size_t)(slash - key))),
             json_integer_value(value_at(row, slash + 1, strlen(slash + 1))));
    return strdup(text);
}

/* Text of a cell, fit to be shown. malloc()ed. */
static char *cell(const json_t *row, const struct column *column)
{
    const json_t *value = value_at(row, column->key, strlen(column->key));
    char number[32], *text = NULL, *safe;

    switch (column->kind) {
    case COL_TEXT:
    case COL_NUMBER:
    case COL_STATUS:
    case COL_JSON:
        text = plain(value);
        break;
    case COL_TIME:
        text = time_text(value);
        break;
    case COL_SIZE:
        text = size_text(value);
        break;
    case COL_YES:
        text = strdup(json_is_true(value) ? "yes" : "");
        break;
    case COL_LIST:
        text = list_text(value);
        break;
    case COL_COUNT:
        snprintf(number, sizeof number, "%zu", json_array_size(value));
        text = strdup(number);
        break;
    case COL_PART:
        text = part_text(row, column->key);
        break;
    }
    safe = ctl_cut(text ? text : "", 0);
    free(text);
    return safe;
}

static bool is_right(enum column_kind kind)
{
    return kind == COL_NUMBER || kind == COL_SIZE || kind == COL_COUNT || kind == COL_PART;
}

/* ---- printing ---- */

static const char *colour_of(const char *status)
{
    static const char *const colours[][2] = {
        {"completed", "\033[32m"}, {"accepted", "\033[32m"},    {"review_completed", "\033[32m"},
        {"stopped", "\033[31m"},   {"rejected", "\033[31m"},    {"on_review", "\033[33m"},
        {"done", "\033[33m"},      {"in_progress", "\033[36m"},
    };

    for (size_t i = 0; i < ARRAY_LEN(colours); i++) {
        if (strcmp(status, colours[i][0]) == 0)
            return colours[i][1];
    }
    return NULL;
}

/* A cell in its column, padded unless it is the last and on the left. */
static void print_cell(const char *text, int width, bool right, bool last, const char *colour)
{
    char *shown = ctl_cut(text, width);
    int pad = width - ctl_width(shown ? shown : "");

    if (right)
        printf("%*s", pad, "");
    if (colour)
        fputs(colour, stdout);
    fputs(shown ? shown : "", stdout);
    if (colour)
        fputs("\033[0m", stdout);
    if (!last)
        printf("%*s", (right ? 0 : pad) + GAP, "");
    free(shown);
}

/* Take from the widest columns until the table fits. Numbers are never cut. */
static void fit(int *widths, const struct column *columns, size_t n, int room)
{
    int all = -GAP;

    for (size_t i = 0; i < n; i++)
        all += widths[i] + GAP;
    while (room > 0 && all > room) {
        size_t widest = n;

        for (size_t i = 0; i < n; i++) {
            if (!is_right(columns[i].kind) && widths[i] > WIDTH_LEAST &&
                (widest == n || widths[i] > widths[widest]))
                widest = i;
        }
        if (widest == n)
            return;
        widths[widest]--;
        all--;
    }
}

static size_t count(const struct column *columns)
{
    size_t n = 0;

    while (columns[n].title)
        n++;
    return n;
}

static void print_head(const struct column *columns, const int *widths, size_t n)
{
    const char *bold = ctl_colours(STDOUT_FILENO) ? "\033[1m" : NULL;

    for (size_t i = 0; i < n; i++)
        print_cell(columns[i].title, widths[i], is_right(columns[i].kind), i + 1 == n, bold);
    putchar('\n');
}

static void print_table(const json_t *rows, const struct column *columns)
{
    size_t n = count(columns), n_rows = json_array_size(rows);
    char **cells = calloc(n * n_rows + 1, sizeof *cells);
    int widths[COLUMNS_MAX] = {0};
    bool colours = ctl_colours(STDOUT_FILENO);

    for (size_t i = 0; i < n; i++)
        widths[i] = ctl_width(columns[i].title);
    for (size_t i = 0; cells && i < n * n_rows; i++) {
        int width;

        cells[i] = cell(json_array_get(rows, i / n), &columns[i % n]);
        width = cells[i] ? ctl_width(cells[i]) : 0;
        if (width > widths[i % n])
            widths[i % n] = width;
    }
    fit(widths, columns, n, ctl_columns(STDOUT_FILENO));
    print_head(columns, widths, n);
    for (size_t i = 0; cells && i < n * n_rows; i++) {
        const struct column *column = &columns[i % n];
        const char *text = cells[i] ? cells[i] : "";
        bool last = i % n + 1 == n;

        print_cell(text, widths[i % n], is_right(column->kind), last,
                   colours && column->kind == COL_STATUS ? colour_of(text) : NULL);
        if (last)
            putchar('\n');
        free(cells[i]);
    }
    free(cells);
}

int ctl_show_text(struct ctl *c, const char *text)
{
    json_t *json = c->json ? NULL : json_loads(text, JSON_DECODE_ANY, NULL);

    if (json)
        json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
    else
        fputs(text, stdout);
    putchar('\n');
    json_decref(json);
    return CTL_DONE;
}

int ctl_show_json(struct ctl *c, char *text)
{
    ctl_show_text(c, text ? text : "null");
    label_free(text);
    return CTL_DONE;
}

static void print_rows(struct ctl *c, const json_t *rows, const struct column *columns)
{
    if (json_array_size(rows) == 0)
        ctl_note(c, "nothing found");
    else
        print_table(rows, columns);
}

int ctl_show_list(struct ctl *c, const void *result, const struct column *columns)
{
    char *text = label_json(result);
    json_t *rows = text && !c->json ? json_loads(text, 0, NULL) : NULL;

    if (c->json)
        printf("%s\n", text ? text : "[]");
    else
        print_rows(c, rows, columns);
    json_decref(rows);
    label_free(text);
    label_free(result);
    return CTL_DONE;
}

int ctl_show_member(struct ctl *c, const void *result, const char *key,
                    const struct column *columns)
{
    char *text = label_json(result);
    json_t *all = text ? json_loads(text, 0, NULL) : NULL;
    const json_t *rows = json_object_get(all, key);

    if (c->json && rows) {
        json_dumpf(rows, stdout, JSON_COMPACT);
        putchar('\n');
    } else {
        print_rows(c, rows, columns);
    }
    json_decref(all);
    label_free(text);
    label_free(result);
    return CTL_DONE;
}

int ctl_show_status(struct ctl *c, int64_t id, char *status)
{
    if (c->json)
        printf("{\"id\":%lld,\"status\":\"%s\"}\n", (long long)id, status);
    else
        printf("%s\n", status);
    label_free(status);
    return CTL_DONE;
}

int ctl_show_one(struct ctl *c, const void *result, const struct column *columns)
{
    char *text = label_json(result);
    json_t *row = NULL;
    int widest = 0;

    if (c->json)
        printf("%s\n", text ? text : "{}");
    else
        row = text ? json_loads(text, 0, NULL) : NULL;
    for (size_t i = 0; columns[i].title; i++)
        widest = ctl_width(columns[i].title) > widest ? ctl_width(columns[i].title) : widest;
    for (size_t i = 0; row && columns[i].title; i++) {
        char *shown = cell(row, &columns[i]);

        if (shown && *shown) {
            print_cell(columns[i].title, widest, false, false, NULL);
            printf("%s\n", shown);
        }
        free(shown);
    }
    json_decref(row);
    label_free(text);
    label_free(result);
    return CTL_DONE;
}
