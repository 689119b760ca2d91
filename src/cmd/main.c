/* SPDX-License-Identifier: Apache-2.0 */
/* The program `clair`: only the entry, so that everything else can be linked into tests. */
#include "cmd/cmd.h"

int main(int argc, char **argv)
{
	return cmd_main(argc, argv);
}
