/* The command line of labeld: one function for each command. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/* Run `labeld argv[1] ...`; returns the exit status: 0 done, 1 failed, 2 wrong usage. */
int cli_main(int argc, char **argv);

#define LABELD_VERSION "0.1.0"

#endif
