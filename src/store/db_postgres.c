/* SPDX-License-Identifier: Apache-2.0 */
/* Which database drivers a program has. */
#include "store/place.h"
