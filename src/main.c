/* labeld: labeling jobs for teams. The program is its command line; see cli/. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argc, argv);
}
