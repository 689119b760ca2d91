/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of `clair-server`. */
#include "cmd/cmd.h"

int cmd_server_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 1;
}
