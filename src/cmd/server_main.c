/* SPDX-License-Identifier: Apache-2.0 */
/* The program `clair-server`: what needs an HTTP server, PostgreSQL or the service's configuration. `clair`
 * starts it for the commands it does not hold itself. Only the entry, so that everything else can be linked
 * into tests. */
#include "cmd/cmd.h"

int main(int argc, char **argv)
{
	return cmd_server_main(argc, argv);
}
