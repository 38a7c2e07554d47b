/* Help, made of the tables. tools/manpages.py makes the man page of it. */
#include "ctl.h"

#include <stdio.h>
#include <string.h>

static const char exit_codes[] =
    "\nExit codes:\n"
    "  0    done\n"
    "  1    it failed: the server, its answer, or a local file\n"
    "  2    wrong usage; nothing was sent\n"
    "  3    it does not exist, or you may not see it\n"
    "  4    not allowed, or no valid token\n"
    "  5    the server cannot be reached, or is busy\n"
    "  6    the server refused the input\n"
    "  7    waited in vain\n"
    "  130  interrupted by Ctrl-C\n"
    "\nEnvironment:\n"
    "  SERVER_ADDRESS, API_TOKEN   the server and your token, instead of labelctl login\n"
    "  TEAM_ID, WORKSPACE_ID       what --team and --workspace are when they are not given\n"
    "  NO_COLOR                    no colours on a terminal\n"
    "The first four are also read from local.env and ~/supervisely.env, unless ENV is "
    "production.\n";

static void print_row(const struct command *c)
{
    printf("  labelctl %-17s %s\n", c->name, c->summary);
}

void ctl_help_all(void)
{
    printf("labelctl %s: work with a labeling-jobs server\n\nUsage:\n", label_version());
    for (size_t i = 0; i < ctl_commands_n; i++)
        print_row(&ctl_commands[i]);
    fputs("  labelctl --version\n  labelctl COMMAND --help   more about one of them\n", stdout);
    fputs(exit_codes, stdout);
}

bool ctl_help_group(const char *group)
{
    size_t n = strlen(group);
    bool found = false;

    for (size_t i = 0; i < ctl_commands_n; i++) {
        if (strncmp(ctl_commands[i].name, group, n) == 0 && ctl_commands[i].name[n] == ' ') {
            print_row(&ctl_commands[i]);
            found = true;
        }
    }
    return found;
}

static void print_option(const struct option_row *o, bool required)
{
    char left[64];

    snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
    printf("  %-24s %s%s", left, o->help, required ? "; required" : "");
    if (o->choices)
        printf(":\n  %-24s %s", "", o->choices);
    putchar('\n');
}

void ctl_help_command(const struct command *c)
{
    const struct option_row *o;
    const char *at = NULL;
    bool required;

    printf("Usage: labelctl %s%s%s", c->name, *c->args ? " " : "", c->args);
    while ((o = ctl_next_option(c, &at, &required)) != NULL) {
        if (required)
            printf(" --%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
    }
    printf(" [OPTION ...]\n\n%c%s.\n%s\nOptions:\n", c->summary[0] - 'a' + 'A', c->summary + 1,
           c->help);
    at = NULL;
    while ((o = ctl_next_option(c, &at, &required)) != NULL)
        print_option(o, required);
    printf("\nExample:\n  %s\n", c->example);
}
