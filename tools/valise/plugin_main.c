/* valise-plugin: valise(1) with the kit, which calls it for valise plugin. See plugin_program.c. */
#include "cli.h"

int main(int argc, char **argv)
{
    return vls_cli_main(argc, argv);
}
