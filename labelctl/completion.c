/* Completion scripts for bash, zsh and fish, made of the tables. */
#include "ctl.h"

#include <stdio.h>
#include <string.h>

#define STATUSES "pending in_progress on_review completed stopped"

/* What an argument of this command may be; NULL: anything. */
static const char *arg_choices(const struct command *c)
{
    return strstr(c->args, "STATUS")    ? STATUSES
           : strstr(c->args, "VERDICT") ? "done accepted rejected"
           : strstr(c->args, "SHELL")   ? "bash zsh fish"
                                        : NULL;
}

static size_t group_length(const struct command *c)
{
    return strcspn(c->name, " ");
}

static bool same_group(const struct command *a, const struct command *b)
{
    size_t n = group_length(a);

    return n == group_length(b) && strncmp(a->name, b->name, n) == 0;
}

/* Is it the first of its group? Groups stand together, but for "user me" and the like. */
static bool opens_group(size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (same_group(&ctl_commands[k], &ctl_commands[i]))
            return false;
    }
    return true;
}

static const char *second_word(const struct command *c)
{
    const char *space = strchr(c->name, ' ');

    return space ? space + 1 : NULL;
}

/* Text between single quotes; specials get a backslash (zsh's colons). */
static void put_quoted(const char *text, const char *quote, const char *specials)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs(quote, stdout);
        else if (strchr(specials, *text))
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

static void print_options(const struct command *c)
{
    const struct option_row *o;
    const char *at = NULL;
    bool required;

    while ((o = ctl_next_option(c, &at, &required)) != NULL)
        printf("--%s ", o->name);
}

/* ---- bash ---- */

static void bash_words(void)
{
    fputs("    if ((COMP_CWORD == 1)); then\n        list='--help --version", stdout);
    for (size_t i = 0; i < ctl_commands_n; i++) {
        if (opens_group(i))
            printf(" %.*s", (int)group_length(&ctl_commands[i]), ctl_commands[i].name);
    }
    fputs("'\n    elif ((COMP_CWORD == 2)) && [[ $cur != -* ]]; then\n        case $one in\n",
          stdout);
    for (size_t i = 0; i < ctl_commands_n; i++) {
        const struct command *c = &ctl_commands[i];

        if (!opens_group(i))
            continue;
        printf("        %.*s) list='", (int)group_length(c), c->name);
        if (second_word(c) == NULL)
            fputs(arg_choices(c) ? arg_choices(c) : "", stdout);
        for (size_t k = i; k < ctl_commands_n && second_word(c); k++) {
            if (same_group(c, &ctl_commands[k]))
                printf("%s ", second_word(&ctl_commands[k]));
        }
        fputs("' ;;\n", stdout);
    }
    fputs("        esac\n", stdout);
}

static void bash_values(void)
{
    fputs("    else\n        case $prev in\n", stdout);
    for (size_t i = 0; i < ctl_options_n; i++) {
        const struct option_row *o = &ctl_options[i];

        if (o->value)
            printf("        --%s) list='%s' ;;\n", o->name, o->choices ? o->choices : "");
    }
    fputs("        *)\n            case \"$one $two\" in\n", stdout);
    for (size_t i = 0; i < ctl_commands_n; i++) {
        const struct command *c = &ctl_commands[i];

        printf("            \"%s\"%s) list='", c->name, second_word(c) ? "" : "*");
        print_options(c);
        printf("%s' ;;\n", arg_choices(c) ? arg_choices(c) : "");
    }
    fputs("            esac ;;\n        esac\n    fi\n", stdout);
}

static void bash(void)
{
    fputs("# bash completion of labelctl; made by: labelctl completion bash\n"
          "_labelctl() {\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} list=\n"
          "    local one=${COMP_WORDS[1]} two=${COMP_WORDS[2]}\n",
          stdout);
    bash_words();
    bash_values();
    fputs("    COMPREPLY=($(compgen -W \"$list\" -- \"$cur\"))\n"
          "}\n"
          "complete -o default -F _labelctl labelctl\n",
          stdout);
}

/* ---- zsh ---- */

static void zsh_item(const char *word, size_t n, const char *dashes, const char *help)
{
    printf("'%s%.*s:", dashes, (int)n, word);
    put_quoted(help, "'\\''", ":\\");
    fputs("' ", stdout);
}

static void zsh_commands(void)
{
    fputs("if ((CURRENT == 2)); then\n    list=(", stdout);
    for (size_t i = 0; i < ctl_commands_n; i++) {
        const struct command *c = &ctl_commands[i];

        if (opens_group(i))
            zsh_item(c->name, group_length(c), "",
                     second_word(c) ? "commands of this kind" : c->summary);
    }
    fputs(")\n    _describe command list\n    return\nfi\nif ((CURRENT == 3)); then\n"
          "    case $words[2] in\n",
          stdout);
    for (size_t i = 0; i < ctl_commands_n; i++) {
        const struct command *c = &ctl_commands[i];

        if (!opens_group(i) || second_word(c) == NULL)
            continue;
        printf("    %.*s) list=(", (int)group_length(c), c->name);
        for (size_t k = i; k < ctl_commands_n; k++) {
            if (same_group(c, &ctl_commands[k]))
                zsh_item(second_word(&ctl_commands[k]), strlen(second_word(&ctl_commands[k])), "",
                         ctl_commands[k].summary);
        }
        fputs(")\n        _describe command list\n        return ;;\n", stdout);
    }
    fputs("    esac\nfi\n", stdout);
}

static void zsh_options(const struct command *c)
{
    const struct option_row *o;
    const char *at = NULL;
    bool required;

    printf("\"%s\"%s) list=(", c->name, second_word(c) ? "" : "*");
    while ((o = ctl_next_option(c, &at, &required)) != NULL)
        zsh_item(o->name, strlen(o->name), "--", o->help);
    printf(")\n    more=(%s) ;;\n", arg_choices(c) ? arg_choices(c) : "");
}

static void zsh(void)
{
    fputs("#compdef labelctl\n"
          "# zsh completion of labelctl; made by: labelctl completion zsh\n"
          "local -a list more\n",
          stdout);
    zsh_commands();
    fputs("case $words[CURRENT-1] in\n", stdout);
    for (size_t i = 0; i < ctl_options_n; i++) {
        if (ctl_options[i].choices)
            printf("--%s) compadd %s; return ;;\n", ctl_options[i].name, ctl_options[i].choices);
        else if (ctl_options[i].value)
            printf("--%s) _files; return ;;\n", ctl_options[i].name);
    }
    fputs("esac\ncase \"$words[2] $words[3]\" in\n", stdout);
    for (size_t i = 0; i < ctl_commands_n; i++)
        zsh_options(&ctl_commands[i]);
    fputs("esac\n"
          "if [[ $PREFIX == -* ]]; then\n    _describe option list\n"
          "elif (($#more)); then\n    compadd $more\n"
          "else\n    _files\nfi\n",
          stdout);
}

/* ---- fish ---- */

static void fish_text(const char *flag, const char *text)
{
    printf(" %s '", flag);
    put_quoted(text, "\\'", "\\");
    fputs("'", stdout);
}

static void fish_options(const struct command *c)
{
    const struct option_row *o;
    const char *at = NULL;
    bool required;

    while ((o = ctl_next_option(c, &at, &required)) != NULL) {
        bool file = o->value && (strcmp(o->value, "FILE") == 0 || strcmp(o->value, "PATH") == 0);

        printf("complete -c labelctl -n '__labelctl_is %s' -l %s", c->name, o->name);
        if (o->value)
            fputs(file ? " -r -F" : " -x", stdout);
        if (o->choices)
            fish_text("-a", o->choices);
        fish_text("-d", o->help);
        putchar('\n');
    }
}

static void fish_command(const struct command *c, bool opens)
{
    bool files = strstr(c->args, "FILE") || strstr(c->args, "DIR");

    if (opens) {
        printf("complete -c labelctl -n '__labelctl_begins' -a %.*s", (int)group_length(c),
               c->name);
        fish_text("-d", second_word(c) ? "commands of this kind" : c->summary);
        putchar('\n');
    }
    if (second_word(c)) {
        printf("complete -c labelctl -n '__labelctl_group %.*s' -a %s", (int)group_length(c),
               c->name, second_word(c));
        fish_text("-d", c->summary);
        putchar('\n');
    }
    if (arg_choices(c))
        printf("complete -c labelctl -n '__labelctl_is %s' -a '%s'\n", c->name, arg_choices(c));
    if (files)
        printf("complete -c labelctl -n '__labelctl_is %s' -F\n", c->name);
    fish_options(c);
}

static void fish(void)
{
    fputs("# fish completion of labelctl; made by: labelctl completion fish\n"
          "function __labelctl_begins\n"
          "    test (count (commandline -opc)) -eq 1\n"
          "end\n"
          "function __labelctl_group\n"
          "    set -l words (commandline -opc)\n"
          "    test (count $words) -eq 2; and test $words[2] = $argv[1]\n"
          "end\n"
          "function __labelctl_is\n"
          "    set -l words (commandline -opc)\n"
          "    set -l n (math 1 + (count $argv))\n"
          "    test (count $words) -ge $n; and test \"$words[2..$n]\" = \"$argv\"\n"
          "end\n"
          "complete -c labelctl -f\n",
          stdout);
    for (size_t i = 0; i < ctl_commands_n; i++)
        fish_command(&ctl_commands[i], opens_group(i));
}

int run_completion(struct ctl *c)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        if (strcmp(ctl_arg(c, 0), shells[i].name) == 0) {
            shells[i].print();
            return CTL_DONE;
        }
    }
    return ctl_usage(c, "SHELL is bash, zsh or fish, not '%s'", ctl_arg(c, 0));
}
