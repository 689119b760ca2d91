/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP API. */
#include "api/api.h"
