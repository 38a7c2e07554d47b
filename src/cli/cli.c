/* Command line: parsing, help, and the commands that work on a data directory. */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "auth/password.h"
#include "cli/backup.h"
#include "cli/data_dir.h"
#include "cli/serve.h"
#include "domain/instance.h"
#include "domain/setting.h"
#include "domain/sweep.h"
#include "domain/user.h"

#define EXIT_USAGE 2

/* Options of all commands; each command takes some of them. */
struct options {
    const char *data, *listen, *admin_login, *login, *name, *format, *db, *value, *to;
    int64_t threads, hours;
    bool password_stdin, enable, restricted, admin, log_requests;
};

struct command {
    const char *name, *arguments, *summary, *help;
    const char *takes; /* letters of the options below that it takes; upper case = required */
    int (*run)(const struct options *o);
};

/* ---- helpers of the commands ---- */

static int complain(const struct fault *f)
{
    fprintf(stderr, "labeld: %s\n", f->message[0] ? f->message : err_text(f->code));
    return EXIT_FAILURE;
}

/* First line of standard input, without its end. */
static enum err read_password(struct arena *a, struct str *out, struct fault *f)
{
    char line[PASSWORD_BYTES_MAX + 3];

    if (fgets(line, sizeof line, stdin) == NULL)
        return fault_set(f, ERR_INVALID, NULL, "no password on standard input");
    line[strcspn(line, "\r\n")] = '\0';
    *out = arena_str(a, str_from(line));
    enum err e = password_check(*out, "password", f);
    explicit_bzero(line, sizeof line);
    return e;
}

/* Open the data directory and run f in a transaction, as the administrator. */
static int with_database(const struct options *o, enum err (*f)(struct call *c, void *arg),
                         void *arg)
{
    struct data_dir d;
    struct arena arena;
    struct call c = {0};
    enum err e = data_dir_name(&d, o->data, &c.fault);

    arena_init(&arena, 16u << 20);
    c.arena = &arena;
    if (e == ERR_OK && !data_dir_exists(&d))
        e = fault_set(&c.fault, ERR_NOT_FOUND, NULL,
                      "there is no labeld data in %s; run"
                      " `labeld init --data %s` first",
                      o->data, o->data);
    if (e == ERR_OK)
        e = data_dir_connect(&d, &c.fault);
    if (e == ERR_OK)
        e = data_dir_write(&d, &c, f, arg);
    data_dir_close(&d);
    arena_finish(&arena);
    return e == ERR_OK ? EXIT_SUCCESS : complain(&c.fault);
}

/* ---- init, demo, migrate ---- */

struct init_arg {
    struct instance_new new;
    struct instance_made made;
};

static enum err do_init(struct call *c, void *arg)
{
    struct init_arg *a = arg;

    return instance_init(c, &a->new, &a->made);
}

static int run_init(const struct options *o)
{
    struct data_dir d;
    struct arena arena;
    struct call c = {0};
    struct init_arg arg = {.new.admin_login = str_from(o->admin_login)};
    struct str password;
    enum err e = data_dir_name(&d, o->data, &c.fault);

    arena_init(&arena, 1u << 20);
    c.arena = &arena;
    if (e == ERR_OK && data_dir_exists(&d))
        e = fault_set(&c.fault, ERR_CONFLICT, NULL, "%s holds labeld data already", o->data);
    if (e == ERR_OK)
        e = user_check_login(&c, arg.new.admin_login);
    if (e == ERR_OK)
        e = read_password(&arena, &password, &c.fault);
    if (e == ERR_OK) {
        arg.new.password_hash = password_hash(&arena, password);
        e = data_dir_own(&d, &c.fault);
    }
    if (e == ERR_OK && o->db)
        e = data_dir_use_database(&d, o->db, &c.fault);
    if (e == ERR_OK)
        e = data_dir_connect(&d, &c.fault);
    if (e == ERR_OK)
        e = data_dir_write(&d, &c, do_init, &arg);
    data_dir_close(&d);
    arena_finish(&arena);
    if (e != ERR_OK)
        return complain(&c.fault);
    printf("API_TOKEN=%s\nUSER_ID=%lld\nUSER_LOGIN=%s\nTEAM_ID=%lld\nWORKSPACE_ID=%lld\n",
           arg.made.token, (long long)arg.made.user_id, o->admin_login, (long long)arg.made.team_id,
           (long long)arg.made.workspace_id);
    return EXIT_SUCCESS;
}

struct demo_arg {
    struct blob_store *blobs;
    struct demo_made made;
};

static enum err do_demo(struct call *c, void *arg)
{
    struct demo_arg *a = arg;
    enum err e = instance_act_as_admin(c);

    return e == ERR_OK ? instance_demo(c, a->blobs, &a->made) : e;
}

static int run_demo(const struct options *o)
{
    struct demo_arg arg = {0};
    struct data_dir d;
    struct fault f = {0};
    enum err e = data_dir_name(&d, o->data, &f);

    if (e == ERR_OK && data_dir_exists(&d))
        e = blob_open(d.blob_path, &arg.blobs, &f);
    if (e != ERR_OK)
        return complain(&f);
    int status = with_database(o, do_demo, &arg);
    blob_close(arg.blobs);
    if (status == EXIT_SUCCESS)
        printf("TEAM_ID=%lld\nWORKSPACE_ID=%lld\nPROJECT_ID=%lld\nDATASET_ID=%lld\n",
               (long long)arg.made.team_id, (long long)arg.made.workspace_id,
               (long long)arg.made.project_id, (long long)arg.made.dataset_id);
    return status;
}

static enum err do_ensure(struct call *c, void *arg)
{
    (void)arg;
    return instance_ensure(c);
}

struct sweep_arg {
    struct blob_store *blobs;
    int64_t age_s, removed;
};

static enum err do_sweep_rows(struct call *c, void *arg)
{
    return sweep_rows(c, ((struct sweep_arg *)arg)->age_s);
}

static enum err do_sweep_files(struct call *c, void *arg)
{
    struct sweep_arg *a = arg;

    a->removed = sweep_files(c->db, a->blobs, a->age_s);
    return ERR_OK;
}

static int run_sweep(const struct options *o)
{
    struct sweep_arg arg = {.age_s = (o->hours < 0 ? SWEEP_AGE_S / 3600 : o->hours) * 3600};
    struct data_dir d;
    struct fault f = {0};
    enum err e = data_dir_name(&d, o->data, &f);

    if (e == ERR_OK && data_dir_exists(&d))
        e = blob_open(d.blob_path, &arg.blobs, &f);
    if (e != ERR_OK)
        return complain(&f);
    int status = with_database(o, do_sweep_rows, &arg);
    if (status == EXIT_SUCCESS)
        status = with_database(o, do_sweep_files, &arg);
    blob_close(arg.blobs);
    if (status == EXIT_SUCCESS)
        printf("REMOVED=%lld\n", (long long)arg.removed);
    return status;
}

static int run_migrate(const struct options *o)
{
    int status = with_database(o, do_ensure, NULL);

    if (status == EXIT_SUCCESS)
        printf("%s is up to date\n", o->data);
    return status;
}

/* ---- settings ---- */

static enum err do_setting_list(struct call *c, void *arg)
{
    enum err e = ERR_OK;

    (void)arg;
    for (int i = 0; i < SETTING__MAX && e == ERR_OK; i++) {
        int64_t value;

        e = setting_get(c, (enum setting_id)i, &value);
        if (e == ERR_OK)
            printf("%s=%lld\n  %s (default %lld)\n", settings[i].name, (long long)value,
                   settings[i].summary, (long long)settings[i].standard);
    }
    return e;
}

static enum err do_setting_set(struct call *c, void *arg)
{
    const struct options *o = arg;

    return setting_set(c, str_from(o->name), str_from(o->value));
}

static int run_setting_list(const struct options *o)
{
    return with_database(o, do_setting_list, NULL);
}

static int run_setting_set(const struct options *o)
{
    struct options copy = *o;

    return with_database(o, do_setting_set, &copy);
}

/* ---- accounts and tokens ---- */

struct user_arg {
    const struct options *o;
    struct str password_hash;
    char token[129];
    int64_t id;
};

static enum err find_user(struct call *c, const char *login, int64_t *id)
{
    struct user u;
    enum err e = instance_act_as_admin(c);

    if (e == ERR_OK)
        e = store_user_by_login(c->db, str_from(login), &u);
    if (e == ERR_NOT_FOUND)
        return fail(c, e, "login", "there is no user %s", login);
    *id = u.id;
    return e;
}

static enum err do_user_add(struct call *c, void *arg)
{
    struct user_arg *a = arg;
    struct user_new n = {
        .login = str_from(a->o->login),
        .password_hash = a->password_hash,
        .name = str_from(a->o->name),
        .is_restricted = a->o->restricted,
        .is_admin = a->o->admin,
    };
    enum err e = instance_act_as_admin(c);

    return e == ERR_OK ? user_create(c, &n, &a->id) : e;
}

static enum err do_user_password(struct call *c, void *arg)
{
    struct user_arg *a = arg;
    enum err e = find_user(c, a->o->login, &a->id);

    return e == ERR_OK ? user_edit(c, a->id, STR_NULL, a->password_hash) : e;
}

static enum err do_user_disable(struct call *c, void *arg)
{
    struct user_arg *a = arg;
    enum err e = find_user(c, a->o->login, &a->id);

    return e == ERR_OK ? user_set_disabled(c, a->id, !a->o->enable) : e;
}

static enum err do_token_new(struct call *c, void *arg)
{
    struct user_arg *a = arg;
    enum err e = find_user(c, a->o->login, &a->id);

    return e == ERR_OK
               ? user_new_token(c, a->id, str_from(a->o->name ? a->o->name : ""), 0, a->token)
               : e;
}

/* Read a password, hash it, run f. */
static int with_password(const struct options *o, struct user_arg *arg,
                         enum err (*f)(struct call *c, void *arg))
{
    struct arena arena;
    struct fault fault = {0};
    struct str password;

    arena_init(&arena, 1u << 20);
    enum err e = read_password(&arena, &password, &fault);
    if (e == ERR_OK)
        arg->password_hash = password_hash(&arena, password);
    int status = e == ERR_OK ? with_database(o, f, arg) : complain(&fault);
    arena_finish(&arena);
    return status;
}

static int run_user_add(const struct options *o)
{
    struct user_arg arg = {.o = o};
    int status = with_password(o, &arg, do_user_add);

    if (status == EXIT_SUCCESS)
        printf("USER_ID=%lld\nUSER_LOGIN=%s\n", (long long)arg.id, o->login);
    return status;
}

static int run_user_password(const struct options *o)
{
    struct user_arg arg = {.o = o};

    return with_password(o, &arg, do_user_password);
}

static int run_user_disable(const struct options *o)
{
    struct user_arg arg = {.o = o};

    return with_database(o, do_user_disable, &arg);
}

static int run_token_new(const struct options *o)
{
    struct user_arg arg = {.o = o};
    int status = with_database(o, do_token_new, &arg);

    if (status == EXIT_SUCCESS)
        printf("API_TOKEN=%s\nUSER_ID=%lld\nUSER_LOGIN=%s\n", arg.token, (long long)arg.id,
               o->login);
    return status;
}

/* ---- backup, verify ---- */

static int run_backup(const struct options *o)
{
    return backup(o->data, o->to);
}

static int run_verify(const struct options *o)
{
    return verify(o->data);
}

/* ---- serve, api ---- */

static int run_serve(const struct options *o)
{
    struct fault f = {0};

    struct serve_options s = {
        .data = o->data,
        .listen = o->listen ? o->listen : "127.0.0.1:8080",
        .threads = (int)o->threads,
        .log_requests = o->log_requests,
    };

    return serve(&s, &f) == ERR_OK ? EXIT_SUCCESS : complain(&f);
}

static int run_api(const struct options *o)
{
    struct str format = str_from(o->format ? o->format : "markdown");
    struct buf out;

    buf_init(&out, 16u << 20);
    if (str_is(format, "markdown")) {
        api_describe_markdown(&out);
    } else if (str_is(format, "openapi")) {
        api_describe_openapi(&out);
    } else if (str_is(format, "table")) {
        api_describe_table(&out);
    } else {
        fprintf(stderr, "labeld: --format is markdown, openapi or table\n");
        return EXIT_USAGE;
    }
    fwrite(out.p, 1, out.n, stdout);
    buf_finish(&out);
    return EXIT_SUCCESS;
}

/* ---- the table ---- */

static const struct command commands[] = {
    {"init", "--data DIR --admin-login NAME --admin-password-stdin [--db URL]",
     "make a new data directory with its administrator",
     "Makes the directory, the administrator, a team and a workspace, and prints what a script\n"
     "needs as KEY=VALUE lines. The first line of standard input is the password. A directory\n"
     "that holds labeld data already is refused. With --db postgres://USER@HOST/DATABASE the data\n"
     "are kept in that database and only the images in the directory.\n\n"
     "Example:\n"
     "  echo 'a good password' | labeld init --data ~/labeld --admin-login anna \\\n"
     "      --admin-password-stdin > ~/labeld.env\n",
     "DAPb", run_init},
    {"demo", "--data DIR", "add the demo project \"Lemons (Test)\"",
     "Adds workspace \"Testing Workspace\" with project \"Lemons (Test)\": six photos in dataset "
     "ds1.\n"
     "Doing it again changes nothing. Prints the ids as KEY=VALUE lines.\n\n"
     "Example:\n  labeld demo --data ~/labeld\n",
     "D", run_demo},
    {"serve", "--data DIR [--listen HOST:PORT] [--threads N] [--log-requests]", "run the server",
     "Brings the database up to date, then serves until it gets SIGTERM or SIGINT: running "
     "requests\n"
     "are finished first. Listens on 127.0.0.1:8080 unless told otherwise; for other machines put\n"
     "a TLS proxy in front of it. GET /healthz answers 200 when it is ready. --threads sets how "
     "many\n"
     "threads do network work, and how many do heavy reads (one for each processor).\n\n"
     "Example:\n  labeld serve --data ~/labeld --listen 127.0.0.1:8080\n",
     "Dlhr", run_serve},
    {"user add", "--data DIR --login NAME --password-stdin [--name TEXT] [--restricted] [--admin]",
     "create an account",
     "The first line of standard input is the password. An account that is not --restricted gets\n"
     "a team of its own. --admin makes it an administrator of the whole instance.\n\n"
     "Example:\n"
     "  echo 11111abc | labeld user add --data ~/labeld --login labeler_1 --restricted \\\n"
     "      --password-stdin\n",
     "DLpntm", run_user_add},
    {"user password", "--data DIR --login NAME --password-stdin", "set the password of an account",
     "The first line of standard input is the new password. Tokens stay valid.\n\n"
     "Example:\n"
     "  echo 'a new one' | labeld user password --data ~/labeld --login anna --password-stdin\n",
     "DLP", run_user_password},
    {"user disable", "--data DIR --login NAME [--enable]", "disable or enable an account",
     "A disabled account can neither log in nor use its tokens, and leaves its labeling queues.\n\n"
     "Example:\n  labeld user disable --data ~/labeld --login labeler_1\n",
     "DLe", run_user_disable},
    {"token new", "--data DIR --login NAME [--name TEXT]", "make an API token for an account",
     "Prints the token, which is shown only now; --name says what it is for.\n\n"
     "Example:\n  labeld token new --data ~/labeld --login anna --name nightly-script\n",
     "DLn", run_token_new},
    {"setting list", "--data DIR", "print the settings of the instance",
     "One NAME=VALUE line for each, and below it what it means.\n\n"
     "Example:\n  labeld setting list --data ~/labeld\n",
     "D", run_setting_list},
    {"setting set", "--data DIR --name NAME --value NUMBER", "change a setting",
     "`labeld setting list` has the names, and says which are read only when the server starts.\n\n"
     "Example:\n"
     "  labeld setting set --data ~/labeld --name preview_cache_bytes --value 500000000\n",
     "DNV", run_setting_set},
    {"backup", "--data DIR --to DIR", "copy a data directory, served or not",
     "The copy is the data as they were at one moment. It is a data directory itself: to restore,\n"
     "serve it, or a copy of it. Doing it again into the same place copies only what is new, and "
     "the\n"
     "copy before it stays whole until the new one is.\n\n"
     "Example:\n  labeld backup --data ~/labeld --to /mnt/backup/labeld\n",
     "DU", run_backup},
    {"verify", "--data DIR", "read everything and compare it with what it should be",
     "Pages and references of the database, counters, and the content of every file. Says what is\n"
     "wrong and ends with 1 then.\n\n"
     "Example:\n  labeld verify --data /mnt/backup/labeld\n",
     "D", run_verify},
    {"migrate", "--data DIR", "bring a data directory up to date",
     "`serve` does this by itself; this is for doing it before, or checking that it works.\n\n"
     "Example:\n  labeld migrate --data ~/labeld\n",
     "D", run_migrate},
    {"sweep", "--data DIR [--hours N]", "remove bytes that no image is made of",
     "`serve` does this once a day; N is how long ago they must have been sent (default 24).\n\n"
     "Example:\n  labeld sweep --data ~/labeld\n",
     "Do", run_sweep},
    {"api", "[--format markdown|openapi|table]", "print the API reference",
     "The reference page, the OpenAPI document, or one JSON object for each method.\n\n"
     "Example:\n  labeld api --format openapi > openapi.json\n",
     "f", run_api},
};

/* ---- parsing ---- */

enum {
    OPT_DATA = 256,
    OPT_LISTEN,
    OPT_ADMIN_LOGIN,
    OPT_PASSWORD,
    OPT_LOGIN,
    OPT_NAME,
    OPT_VALUE,
    OPT_TO,
    OPT_FORMAT,
    OPT_ENABLE,
    OPT_RESTRICTED,
    OPT_ADMIN,
    OPT_LOG_REQUESTS,
    OPT_THREADS,
    OPT_DB,
    OPT_HOURS,
    OPT_HELP
};

static const struct {
    struct option option;
    char letter; /* in command.takes */
} known[] = {
    {{"data", required_argument, NULL, OPT_DATA}, 'd'},
    {{"listen", required_argument, NULL, OPT_LISTEN}, 'l'},
    {{"admin-login", required_argument, NULL, OPT_ADMIN_LOGIN}, 'a'},
    {{"admin-password-stdin", no_argument, NULL, OPT_PASSWORD}, 'p'},
    {{"password-stdin", no_argument, NULL, OPT_PASSWORD}, 'p'},
    {{"login", required_argument, NULL, OPT_LOGIN}, 'L'},
    {{"name", required_argument, NULL, OPT_NAME}, 'n'},
    {{"to", required_argument, NULL, OPT_TO}, 'u'},
    {{"value", required_argument, NULL, OPT_VALUE}, 'v'},
    {{"format", required_argument, NULL, OPT_FORMAT}, 'f'},
    {{"db", required_argument, NULL, OPT_DB}, 'b'},
    {{"hours", required_argument, NULL, OPT_HOURS}, 'o'},
    {{"enable", no_argument, NULL, OPT_ENABLE}, 'e'},
    {{"restricted", no_argument, NULL, OPT_RESTRICTED}, 't'},
    {{"admin", no_argument, NULL, OPT_ADMIN}, 'm'},
    {{"threads", required_argument, NULL, OPT_THREADS}, 'h'},
    {{"log-requests", no_argument, NULL, OPT_LOG_REQUESTS}, 'r'},
    {{"help", no_argument, NULL, OPT_HELP}, '?'},
};

static void print_help(FILE *to)
{
    fprintf(to, "labeld %s: labeling jobs for teams, on your own machine\n\nUsage:\n",
            LABELD_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(to, "  labeld %-14s %s\n", commands[i].name, commands[i].summary);
    fprintf(to, "  labeld --version\n  labeld COMMAND --help   more about one of them\n");
}

static int usage(const struct command *c, const char *why, const char *what)
{
    fprintf(stderr, "labeld: %s%s\nUsage: labeld %s %s\n", why, what, c->name, c->arguments);
    return EXIT_USAGE;
}

/* argv[1] (and argv[2]) name a command; *used_out counts the words. */
static const struct command *find_command(int argc, char **argv, int *used_out)
{
    char two[64];

    snprintf(two, sizeof two, "%s %s", argv[1], argc > 2 ? argv[2] : "");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        bool pair = strcmp(two, commands[i].name) == 0;

        if (pair || strcmp(argv[1], commands[i].name) == 0) {
            *used_out = pair ? 2 : 1;
            return &commands[i];
        }
    }
    return NULL;
}

static void set_option(struct options *o, int id, char *value)
{
    switch (id) {
    case OPT_DATA:
        o->data = value;
        break;
    case OPT_LISTEN:
        o->listen = value;
        break;
    case OPT_ADMIN_LOGIN:
        o->admin_login = value;
        break;
    case OPT_PASSWORD:
        o->password_stdin = true;
        break;
    case OPT_LOGIN:
        o->login = value;
        break;
    case OPT_NAME:
        o->name = value;
        break;
    case OPT_TO:
        o->to = value;
        break;
    case OPT_VALUE:
        o->value = value;
        break;
    case OPT_DB:
        o->db = value;
        break;
    case OPT_FORMAT:
        o->format = value;
        break;
    case OPT_ENABLE:
        o->enable = true;
        break;
    case OPT_RESTRICTED:
        o->restricted = true;
        break;
    case OPT_ADMIN:
        o->admin = true;
        break;
    case OPT_LOG_REQUESTS:
        o->log_requests = true;
        break;
    default:
        break;
    }
}

/* The first required option that is missing, NULL when all are there. */
static const char *missing_option(const struct command *c, const struct options *o)
{
    static const char *const none = NULL;

    if (strchr(c->takes, 'D') && o->data == NULL)
        return "--data";
    if (strchr(c->takes, 'A') && o->admin_login == NULL)
        return "--admin-login";
    if (strchr(c->takes, 'L') && o->login == NULL)
        return "--login";
    if (strchr(c->takes, 'N') && o->name == NULL)
        return "--name";
    if (strchr(c->takes, 'U') && o->to == NULL)
        return "--to";
    if (strchr(c->takes, 'V') && o->value == NULL)
        return "--value";
    if ((strchr(c->takes, 'P') || strchr(c->takes, 'p')) && !o->password_stdin)
        return strchr(c->takes, 'A') ? "--admin-password-stdin" : "--password-stdin";
    return none;
}

static bool takes(const struct command *c, char letter)
{
    char upper = letter >= 'a' && letter <= 'z' ? (char)(letter - 32) : letter;

    return letter == '?' || strchr(c->takes, letter) || strchr(c->takes, upper);
}

static int run_command(const struct command *c, int argc, char **argv)
{
    struct option options[ARRAY_LEN(known) + 1] = {0};
    struct options o = {.hours = -1};
    size_t n = 0;
    int id;

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (takes(c, known[i].letter))
            options[n++] = known[i].option;
    opterr = 0;
    while ((id = getopt_long(argc, argv, ":", options, NULL)) != -1) {
        if (id == OPT_HELP) {
            printf("Usage: labeld %s %s\n\n%s", c->name, c->arguments, c->help);
            return EXIT_SUCCESS;
        }
        if (id == '?' || id == ':')
            return usage(c, id == ':' ? "a value is missing for " : "unknown option ",
                         argv[optind - 1]);
        if (id == OPT_THREADS &&
            (!str_to_i64(str_from(optarg), &o.threads) || o.threads < 1 || o.threads > 64))
            return usage(c, "--threads is a number from 1 to 64, not ", optarg);
        if (id == OPT_HOURS &&
            (!str_to_i64(str_from(optarg), &o.hours) || o.hours < 0 || o.hours > 87600))
            return usage(c, "--hours is a number from 0 to 87600, not ", optarg);
        set_option(&o, id, optarg);
    }
    if (optind < argc)
        return usage(c, "unexpected argument ", argv[optind]);
    const char *missing = missing_option(c, &o);
    return missing ? usage(c, "please give ", missing) : c->run(&o);
}

int cli_main(int argc, char **argv)
{
    int used = 0;

    umask(077); /* data, locks and logs are nobody else's business */
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_USAGE : EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("labeld %s (API %s)\n", LABELD_VERSION, API_VERSION);
        return EXIT_SUCCESS;
    }
    const struct command *c = find_command(argc, argv, &used);
    if (c == NULL) {
        fprintf(stderr, "labeld: unknown command %s; see labeld --help\n", argv[1]);
        return EXIT_USAGE;
    }
    return run_command(c, argc - used, argv + used);
}
