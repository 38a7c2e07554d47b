/* The tables of commands and options. */
#include "ctl.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND(name, run, args, options, offline, summary, help, example)                         \
    {name, args, options, offline, summary, help, example, run},
const struct command ctl_commands[] = {
#include "commands.tbl"
};
#undef COMMAND
const size_t ctl_commands_n = ARRAY_LEN(ctl_commands);

#define OPTION(name, type, value, help, choices) {name, type, value, help, choices},
const struct option_row ctl_options[] = {
#include "options.tbl"
};
#undef OPTION
const size_t ctl_options_n = ARRAY_LEN(ctl_options);

/* What every command takes. */
static const char common[] = "json quiet retries help";

const struct option_row *ctl_find_option(const char *name, size_t n)
{
    for (size_t i = 0; i < ctl_options_n; i++) {
        if (strlen(ctl_options[i].name) == n && strncmp(ctl_options[i].name, name, n) == 0)
            return &ctl_options[i];
    }
    return NULL;
}

/* at is in the command's own list until that ends, and then in the common one. */
const struct option_row *ctl_next_option(const struct command *command, const char **at,
                                         bool *required)
{
    const struct option_row *found;
    size_t n;

    if (*at == NULL)
        *at = command->options;
    *at += strspn(*at, " ");
    if (**at == '\0' && !(*at >= common && *at < common + sizeof common))
        *at = common;
    n = strcspn(*at, " !");
    if (n == 0)
        return NULL;
    found = ctl_find_option(*at, n);
    *at += n;
    *required = **at == '!';
    *at += *required;
    if (found == NULL) /* a row of commands.tbl names what options.tbl has not */
        abort();
    return found;
}
