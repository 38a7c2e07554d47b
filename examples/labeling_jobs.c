/* The labeling-jobs tutorial of the Python SDK, step by step, with liblabel, printing what the
 * tutorial prints.
 *
 * Needs SERVER_ADDRESS, API_TOKEN, TEAM_ID, PROJECT_ID and USER_LOGIN in the environment, in
 * local.env or in ~/supervisely.env. May be run any number of times on one server.
 *
 *     cc labeling_jobs.c $(pkg-config --cflags --libs label) -o labeling_jobs */
#include <inttypes.h>
#include <label/label.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define README      "annotation manual for fruits in markdown format here (optional)"
#define DESCRIPTION "short description is here (optional)"
#define CELL_SIZE   256

/* Where a real program would handle an error, this one says what it was and ends. */
#define CHECK(call) check((call), #call, &error)

static struct label_error error;

static void check(enum label_err err, const char *call, const struct label_error *e)
{
    if (err == LABEL_OK)
        return;
    fflush(stdout);
    fprintf(stderr, "%.*s: %s: %s%s%s\n", (int)strcspn(call, "("), call, label_err_name(err),
            e->message, e->field[0] ? ": " : "", e->field);
    exit(EXIT_FAILURE);
}

static void expect(bool holds, const char *what)
{
    if (holds)
        return;
    fflush(stdout);
    fprintf(stderr, "not as expected: %s\n", what);
    exit(EXIT_FAILURE);
}

static void heading(const char *text)
{
    printf("\n--- %s\n", text);
}

/* ---- values as Python prints them ---- */

static void print_text(const char *s)
{
    char quote = s && strchr(s, '\'') && !strchr(s, '"') ? '"' : '\'';

    if (s == NULL) {
        fputs("None", stdout);
        return;
    }
    putchar(quote);
    for (; *s; s++) {
        if (*s == quote || *s == '\\')
            printf("\\%c", *s);
        else if (*s == '\n')
            fputs("\\n", stdout);
        else
            putchar(*s);
    }
    putchar(quote);
}

/* 0 is None where ids, limits and priorities are concerned. */
static void print_id(int64_t n)
{
    if (n == 0)
        fputs("None", stdout);
    else
        printf("%" PRId64, n);
}

static void print_names(const struct label_names *names)
{
    putchar('[');
    for (size_t i = 0; i < names->n; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        print_text(names->items[i]);
    }
    putchar(']');
}

static void line_text(const char *indent, const char *name, const char *value)
{
    printf("%s%s=", indent, name);
    print_text(value);
    puts(",");
}

static void line_id(const char *indent, const char *name, int64_t value)
{
    printf("%s%s=", indent, name);
    print_id(value);
    puts(",");
}

static void line_names(const char *indent, const char *name, const struct label_names *value)
{
    printf("%s%s=", indent, name);
    print_names(value);
    puts(",");
}

/* ---- datasets and jobs ---- */

static void print_datasets(const struct label_dataset_list *list)
{
    const char *in = "    ";

    puts("[");
    for (size_t i = 0; i < list->n; i++) {
        const struct label_dataset *d = &list->items[i];

        puts("  DatasetInfo(");
        line_id(in, "id", d->id);
        line_text(in, "name", d->name);
        line_text(in, "description", d->description);
        line_text(in, "size", d->size);
        line_id(in, "project_id", d->project_id);
        printf("%simages_count=%" PRId64 ",\n", in, d->images_count);
        line_text(in, "created_at", d->created_at);
        line_text(in, "updated_at", d->updated_at);
        line_id(in, "team_id", d->team_id);
        line_id(in, "workspace_id", d->workspace_id);
        line_id(in, "parent_id", d->parent_id);
        printf("%screated_by=%" PRId64 "\n", in, d->created_by_id);
        printf("  )%s\n", i + 1 < list->n ? "," : "");
    }
    puts("]");
}

/* filter_images_by_tags as they are, and by name those that images must, or must not, carry. */
static void print_image_tags(const char *in, const struct label_job *job)
{
    const struct label_job_image_tag *tags = job->filter_images_by_tags;
    const char *names[2] = {"exclude_images_with_tags", "include_images_with_tags"};

    printf("%sfilter_images_by_tags=[", in);
    for (size_t i = 0; i < job->n_filter_images_by_tags; i++) {
        printf("%s{'id': %" PRId64 ", 'name': ", i > 0 ? ", " : "", tags[i].id);
        print_text(tags[i].name);
        printf(", 'positive': %s}", tags[i].positive ? "True" : "False");
    }
    puts("],");
    for (int positive = 1; positive >= 0; positive--) {
        const char *comma = "";

        printf("%s%s=[", in, names[positive]);
        for (size_t i = 0; i < job->n_filter_images_by_tags; i++) {
            if (tags[i].positive != (positive == 1))
                continue;
            fputs(comma, stdout);
            print_text(tags[i].name);
            comma = ", ";
        }
        puts("],");
    }
}

static void print_entities(const char *in, const struct label_job *job)
{
    printf("%sentities=[\n", in);
    for (size_t i = 0; i < job->n_entities; i++) {
        const struct label_job_entity *e = &job->entities[i];

        printf("%s  {\n%s    'reviewStatus': ", in, in);
        print_text(e->review_status);
        printf(",\n%s    'id': %" PRId64 ",\n%s    'name': ", in, e->id, in);
        print_text(e->name);
        printf("\n%s  }%s\n", in, i + 1 < job->n_entities ? "," : "");
    }
    printf("%s],\n", in);
}

static void print_counts(const char *in, const struct label_job *j)
{
    printf("%simages_count=%" PRId64 ",\n", in, j->images_count);
    printf("%sfinished_images_count=%" PRId64 ",\n", in, j->finished_images_count);
    printf("%srejected_images_count=%" PRId64 ",\n", in, j->rejected_images_count);
    printf("%saccepted_images_count=%" PRId64 ",\n", in, j->accepted_images_count);
    printf("%sprogress_images_count=%" PRId64 ",\n", in, j->progress_images_count);
}

static void print_job(const struct label_job *j, const char *in)
{
    puts("  LabelingJobInfo(");
    line_id(in, "id", j->id);
    line_text(in, "name", j->name);
    line_text(in, "readme", j->readme);
    line_text(in, "description", j->description);
    line_id(in, "team_id", j->team_id);
    line_id(in, "workspace_id", j->workspace_id);
    line_text(in, "workspace_name", j->workspace_name);
    line_id(in, "project_id", j->project_id);
    line_text(in, "project_name", j->project_name);
    line_id(in, "dataset_id", j->dataset_id);
    line_text(in, "dataset_name", j->dataset_name);
    line_id(in, "created_by_id", j->created_by_id);
    line_text(in, "created_by_login", j->created_by_login);
    line_id(in, "assigned_to_id", j->assigned_to_id);
    line_text(in, "assigned_to_login", j->assigned_to_login);
    line_id(in, "reviewer_id", j->reviewer_id);
    line_text(in, "reviewer_login", j->reviewer_login);
    line_text(in, "created_at", j->created_at);
    line_text(in, "started_at", j->started_at);
    line_text(in, "finished_at", j->finished_at);
    line_text(in, "status", j->status);
    printf("%sdisabled=%s,\n", in, j->disabled ? "True" : "False");
    line_id(in, "labeling_queue_id", j->labeling_queue_id);
    line_id(in, "labeling_exam_id", j->labeling_exam_id);
    print_counts(in, j);
    line_names(in, "classes_to_label", &j->classes_to_label);
    line_names(in, "tags_to_label", &j->tags_to_label);
    printf("%simages_range=(", in);
    print_id(j->images_range_start);
    fputs(", ", stdout);
    print_id(j->images_range_end);
    puts("),");
    line_id(in, "objects_limit_per_image", j->objects_limit_per_image);
    line_id(in, "tags_limit_per_image", j->tags_limit_per_image);
    print_image_tags(in, j);
    print_entities(in, j);
    line_id(in, "priority", j->priority);
    printf("%sguide_id=", in);
    print_id(j->guide_id);
    fputs("\n  )", stdout);
}

static void print_jobs(const struct label_job_list *jobs)
{
    puts("[");
    for (size_t i = 0; i < jobs->n; i++) {
        print_job(&jobs->items[i], "      ");
        puts(i + 1 < jobs->n ? "," : "");
    }
    puts("]");
}

/* ---- the meta tables ---- */

struct table {
    size_t columns, rows;
    char (*cells)[CELL_SIZE]; /* row by row, the first is the head */
};

static void print_rule(const struct table *t, const size_t *widths)
{
    for (size_t c = 0; c < t->columns; c++) {
        putchar('+');
        for (size_t i = 0; i < widths[c] + 2; i++)
            putchar('-');
    }
    puts("+");
}

/* Text in the middle; what cannot be halved goes before text of even length, behind others. */
static void print_table(const struct table *t)
{
    size_t widths[8] = {0};

    for (size_t i = 0; i < t->rows * t->columns; i++) {
        size_t n = strlen(t->cells[i]);

        if (n > widths[i % t->columns])
            widths[i % t->columns] = n;
    }
    print_rule(t, widths);
    for (size_t i = 0; i < t->rows * t->columns; i++) {
        size_t n = strlen(t->cells[i]), spare = widths[i % t->columns] - n;
        size_t before = spare / 2 + (n % 2 == 0 ? spare % 2 : 0);

        printf("| %*s%s%*s ", (int)before, "", t->cells[i], (int)(spare - before), "");
        if ((i + 1) % t->columns == 0)
            puts("|");
        if (i + 1 == t->columns)
            print_rule(t, widths);
    }
    print_rule(t, widths);
}

static void set_cell(struct table *t, size_t row, size_t column, const char *text)
{
    snprintf(t->cells[row * t->columns + column], CELL_SIZE, "%s", text ? text : "");
}

static struct table new_table(const char *const *head, size_t columns, size_t rows)
{
    struct table t = {columns, rows + 1, calloc(columns * (rows + 1), CELL_SIZE)};

    expect(t.cells != NULL, "memory");
    for (size_t c = 0; c < columns; c++)
        set_cell(&t, 0, c, head[c]);
    return t;
}

/* "#D0021B" as "[208, 2, 27]". */
static const char *color_text(const char *hex, char out[CELL_SIZE])
{
    unsigned long rgb = hex ? strtoul(hex + 1, NULL, 16) : 0;

    snprintf(out, CELL_SIZE, "[%lu, %lu, %lu]", rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255);
    return out;
}

static const char *names_text(const struct label_names *names, char out[CELL_SIZE])
{
    size_t n = 0;

    n += (size_t)snprintf(out, CELL_SIZE, "[");
    for (size_t i = 0; i < names->n && n < CELL_SIZE; i++)
        n += (size_t)snprintf(out + n, CELL_SIZE - n, "%s'%s'", i > 0 ? ", " : "", names->items[i]);
    if (n < CELL_SIZE)
        snprintf(out + n, CELL_SIZE - n, "]");
    return out;
}

/* The SDK's name of a shape: "Bitmap". */
static const char *shape_text(const char *shape)
{
    static const char *const names[][2] = {
        {"bitmap", "Bitmap"},      {"polygon", "Polygon"}, {"rectangle", "Rectangle"},
        {"line", "Polyline"},      {"point", "Point"},     {"graph", "GraphNodes"},
        {"any", "AnyGeometry"},    {"cuboid", "Cuboid"},   {"alpha_mask", "AlphaMask"},
        {"cuboid_2d", "Cuboid2d"},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i][0], shape) == 0)
            return names[i][1];
    }
    return shape;
}

static void print_meta(const struct label_project_meta *meta)
{
    static const char *const class_head[] = {"Name", "Shape", "Color", "Hotkey"};
    static const char *const tag_head[] = {"Name",   "Value type",    "Possible values",
                                           "Hotkey", "Applicable to", "Applicable classes"};
    struct table classes = new_table(class_head, 4, meta->n_classes);
    struct table tags = new_table(tag_head, 6, meta->n_tags);
    char text[CELL_SIZE];

    for (size_t i = 0; i < meta->n_classes; i++) {
        set_cell(&classes, i + 1, 0, meta->classes[i].name);
        set_cell(&classes, i + 1, 1, shape_text(meta->classes[i].shape));
        set_cell(&classes, i + 1, 2, color_text(meta->classes[i].color, text));
        set_cell(&classes, i + 1, 3, meta->classes[i].hotkey);
    }
    for (size_t i = 0; i < meta->n_tags; i++) {
        const struct label_tag_meta *tag = &meta->tags[i];

        set_cell(&tags, i + 1, 0, tag->name);
        set_cell(&tags, i + 1, 1, tag->value_type);
        set_cell(&tags, i + 1, 2, tag->values.n > 0 ? names_text(&tag->values, text) : "None");
        set_cell(&tags, i + 1, 3, tag->hotkey);
        set_cell(&tags, i + 1, 4, tag->applicable_type);
        set_cell(&tags, i + 1, 5, names_text(&tag->classes, text));
    }
    puts("ProjectMeta:\nObject Classes");
    print_table(&classes);
    puts("Tags");
    print_table(&tags);
    free(classes.cells);
    free(tags.cells);
}

/* ---- the steps ---- */

/* What the steps hand on to each other. */
struct story {
    struct label_api *api;
    int64_t team_id, project_id;
    const char *user_login;
    struct label_user *labelers[2];
    int64_t dataset_id;
};

/* Classes kiwi and lemon, tags size and origin: what the tutorial's helper adds. What is there
 * already stays. */
static void prepare_project(struct story *s)
{
    static const char *const fruits[] = {"lemon", "kiwi"}, *const sizes[] = {"small", "medium",
                                                                             "large"};
    struct label_class classes[] = {
        {.name = "lemon", .shape = "bitmap", .color = "#50E3C2"},
        {.name = "kiwi", .shape = "bitmap", .color = "#D0021B"},
    };
    struct label_tag_meta tags[] = {
        {.name = "size",
         .value_type = "oneof_string",
         .values = {sizes, 3},
         .classes = {fruits, 2},
         .applicable_type = "objectsOnly",
         .color = "#0F8A8A"},
        {.name = "origin",
         .value_type = "any_string",
         .classes = {fruits, 2},
         .applicable_type = "objectsOnly",
         .color = "#8A0F59"},
    };

    CHECK(label_project_append_classes(s->api, s->project_id, classes, 2, &error));
    CHECK(label_project_append_tags(s->api, s->project_id, tags, 2, &error));
}

/* The account and its membership, made when they are missing. */
static struct label_user *get_labeler(struct story *s, const char *login, const char *password)
{
    struct label_user_options options = {
        .login = login, .password = password, .is_restricted = true};
    struct label_membership *membership;
    struct label_user *user;
    enum label_err err = label_user_get_info_by_login(s->api, login, &user, &error);

    if (err == LABEL_ERR_NOT_FOUND)
        err = label_user_create(s->api, &options, &user, &error);
    CHECK(err);
    err = label_user_get_team_role(s->api, user->id, s->team_id, &membership, &error);
    if (err == LABEL_ERR_NOT_FOUND)
        err = label_user_add_to_team(s->api, user->id, s->team_id, LABEL_ROLE_ANNOTATOR, &error);
    CHECK(err);
    label_free(membership);
    return user;
}

static void show_project(struct story *s)
{
    struct label_project_meta *meta;
    struct label_dataset_list *datasets;

    CHECK(label_project_get_meta(s->api, s->project_id, &meta, &error));
    print_meta(meta);
    CHECK(label_dataset_get_list(s->api, s->project_id, false, NULL, &datasets, &error));
    print_datasets(datasets);
    expect(datasets->n > 0, "the project has a dataset");
    s->dataset_id = datasets->items[0].id;
    label_free(meta);
    label_free(datasets);
}

static void create_jobs(struct story *s)
{
    static const char *const lemon[] = {"lemon"}, *const kiwi[] = {"kiwi"};
    static const char *const tag_names[] = {"size", "origin"};
    struct label_job_options options = {.name = "labeler1_lemons_task",
                                        .dataset_id = s->dataset_id,
                                        .readme = README,
                                        .description = DESCRIPTION,
                                        .user_ids = {&s->labelers[0]->id, 1},
                                        .classes_to_label = {lemon, 1}};
    struct label_image_filter filter = {.dataset_id = s->dataset_id};
    struct label_image_list *images;
    struct label_job_list *jobs;
    int64_t *selected;

    heading("Step 3. Labeling job for labeler 1: class lemon, the whole dataset");
    CHECK(label_job_create(s->api, &options, &jobs, &error));
    print_jobs(jobs);
    CHECK(label_job_stop(s->api, jobs->items[0].id, &error));
    label_free(jobs);

    heading("Labeling job for labeler 2: class kiwi, two tags, limits, half of the images");
    CHECK(label_image_get_list(s->api, &filter, &images, &error));
    selected = calloc(images->n + 1, sizeof *selected);
    expect(selected != NULL, "memory");
    for (size_t i = 0; i < images->n / 2; i++)
        selected[i] = images->items[i].id;
    options = (struct label_job_options){.name = "labeler2_kiwi_task_with_complex_settings",
                                         .dataset_id = s->dataset_id,
                                         .readme = README,
                                         .description = DESCRIPTION,
                                         .user_ids = {&s->labelers[1]->id, 1},
                                         .classes_to_label = {kiwi, 1},
                                         .objects_limit_per_image = 10,
                                         .tags_to_label = {tag_names, 2},
                                         .tags_limit_per_image = 20,
                                         .images_ids = {selected, images->n / 2}};
    CHECK(label_job_create(s->api, &options, &jobs, &error));
    print_jobs(jobs);
    label_free(jobs);
    label_free(images);
    free(selected);
}

/* Lists with filters; the ids of the last two jobs go to ids. */
static void list_jobs(struct story *s, int64_t ids[2])
{
    struct label_job_filter filter = {0};
    struct label_job_list *jobs;
    struct label_user *user;

    heading("All labeling jobs of the team");
    CHECK(label_job_get_list(s->api, s->team_id, NULL, &jobs, &error));
    print_jobs(jobs);
    expect(jobs->n >= 2, "there are two jobs");
    ids[0] = jobs->items[jobs->n - 2].id;
    ids[1] = jobs->items[jobs->n - 1].id;
    label_free(jobs);

    heading("Those created by the user");
    CHECK(label_user_get_info_by_login(s->api, s->user_login, &user, &error));
    filter.created_by_id = user->id;
    CHECK(label_job_get_list(s->api, s->team_id, &filter, &jobs, &error));
    print_jobs(jobs);
    label_free(jobs);
    label_free(user);

    heading("Of these, those of labeler 2");
    filter.assigned_to_id = s->labelers[1]->id;
    CHECK(label_job_get_list(s->api, s->team_id, &filter, &jobs, &error));
    print_jobs(jobs);
    label_free(jobs);
}

/* "<Status.PENDING: 'pending'>" */
static void print_status(struct story *s, int64_t id, const char *expected)
{
    char *status;

    CHECK(label_job_get_status(s->api, id, &status, &error));
    fputs("<Status.", stdout);
    for (const char *p = status; *p; p++)
        putchar(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    printf(": '%s'>\n", status);
    expect(strcmp(status, expected) == 0, "the status of the job");
    label_free(status);
}

static void archive_and_remove(struct story *s, const int64_t ids[2])
{
    int64_t both[] = {s->labelers[0]->id, s->labelers[1]->id};
    struct label_job_options options = {
        .name = "to be removed", .dataset_id = s->dataset_id, .user_ids = {both, 2}};
    struct label_job_list *jobs, *spare;

    CHECK(label_job_archive(s->api, ids[0], &error));
    CHECK(label_job_get_list(s->api, s->team_id, NULL, &jobs, &error));
    printf("in the list after archiving job %" PRId64 " : [", ids[0]);
    for (size_t i = 0; i < jobs->n; i++) {
        expect(jobs->items[i].id != ids[0], "the archived job is not in the list");
        printf("%s%" PRId64, i > 0 ? ", " : "", jobs->items[i].id);
    }
    puts("]");
    label_free(jobs);

    CHECK(label_job_create(s->api, &options, &spare, &error));
    expect(spare->n == 2, "a job for each labeler");
    CHECK(label_job_remove(s->api, spare->items[0].id, &error));
    CHECK(label_job_remove_batch(s->api, &(struct label_ids){&spare->items[1].id, 1}, &error));
    for (size_t i = 0; i < spare->n; i++) {
        struct label_job *gone;

        expect(label_job_get_info_by_id(s->api, spare->items[i].id, &gone, &error) ==
                   LABEL_ERR_NOT_FOUND,
               "a removed job is not found");
    }
    printf("removed [%" PRId64 ", %" PRId64 "]\n", spare->items[0].id, spare->items[1].id);
    label_free(spare);
}

int main(void)
{
    struct story s = {0};
    struct label_env *env;
    int64_t ids[2];

    CHECK(label_env_load(&env, &error));
    CHECK(label_env_id(env, "TEAM_ID", &s.team_id, &error));
    CHECK(label_env_id(env, "PROJECT_ID", &s.project_id, &error));
    s.user_login = label_env_get(env, "USER_LOGIN");
    CHECK(label_open_from_env(&s.api, &error));
    prepare_project(&s);

    heading("Step 1. Annotators");
    s.labelers[0] = get_labeler(&s, "labeler_1", "11111abc");
    s.labelers[1] = get_labeler(&s, "labeler_2", "22222abc");
    printf("%s %s\n", s.labelers[0]->login, s.labelers[1]->login);

    heading("Step 2. Project and datasets");
    show_project(&s);
    create_jobs(&s);
    list_jobs(&s, ids);

    heading("Statuses");
    print_status(&s, ids[0], LABEL_JOB_STOPPED);
    print_status(&s, ids[1], LABEL_JOB_PENDING);
    CHECK(label_job_set_status(s.api, ids[1], LABEL_JOB_COMPLETED, &error));
    print_status(&s, ids[1], LABEL_JOB_COMPLETED);
    CHECK(label_job_wait(s.api, ids[1], LABEL_JOB_COMPLETED, 0, 0, &error));

    heading("Archive and remove");
    archive_and_remove(&s, ids);

    label_free(s.labelers[0]);
    label_free(s.labelers[1]);
    label_free(env);
    label_close(s.api);
    return EXIT_SUCCESS;
}
