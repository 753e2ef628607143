/* valise(1), the operator's command line. All of it but this function is a library, so that tests
 * can link it; valise plugin is another program, see plugin_program.c. */
#include "plugin_program.h"

int main(int argc, char **argv)
{
    vls_plugin_program_arguments(argv);
    return vls_cli_main(argc, argv);
}
