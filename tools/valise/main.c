/* valise(1), the operator's command line. All of it but this function is a library, so that tests
 * can link it. */
#include "cli.h"

int main(int argc, char **argv)
{
    return vls_cli_main(argc, argv);
}
