/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_MEMBERS_H
#define FEED_MEMBERS_H

#include "base/json.h"

/* Reading JSON as a stream by tables of the members that count. What is of another type than a reader
 * expects is passed over, like members that no table has. */
struct members {
	struct task *task;
	struct json_reader *json;
	struct arena *arena; /* of what is kept */
	size_t max_bytes; /* of the arena; more is E_LIMIT */
};

/* Read the value that `first` begins into *to. Returns 0 or an error. */
typedef int members_read(struct members *m, const struct json_token *first, void *to, struct err *err);

struct member {
	struct str key;
	members_read *read;
	size_t offset; /* of the reader's target in the object's */
	bool is_list; /* the value is an array, whose elements are read into the same target */
};

#define MEMBER(key, read, offset)                                                                            \
	{                                                                                                    \
		STR(key), (read), (offset), false                                                            \
	}
#define MEMBER_LIST(key, read, offset)                                                                       \
	{                                                                                                    \
		STR(key), (read), (offset), true                                                             \
	}

/* An object: to is the target of its members. */
int members_object(struct members *m, const struct json_token *first, const struct member *table, size_t n,
		   void *to, struct err *err);
#define MEMBERS_OBJECT(m, first, table, to, err)                                                             \
	members_object((m), (first), (table), sizeof(table) / sizeof((table)[0]), (to), (err))

/* A string into a struct str, copied, at most LIMIT_FEED_TEXT_BYTES of it. */
members_read members_text;

/* Called with each element of a list: what task_check says, or that there is too much to keep. */
int members_check(struct members *m, struct err *err);

/* Where the reader is, for messages: "line 3 column 7". In the arena. */
struct str members_place(struct members *m, struct arena *a);

#endif
