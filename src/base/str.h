/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

/* A borrowed slice of bytes: not terminated, may hold NULs, never modified. {NULL, 0} is empty. */
struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), (s).p ? (s).p : ""

static inline struct str str_of(const char *cstr)
{
	return cstr ? (struct str){ cstr, strlen(cstr) } : (struct str){ NULL, 0 };
}
static inline struct str str_sub(struct str s, size_t from, size_t n)
{
	return (struct str){ from ? s.p + from : s.p, n }; /* C has no NULL + 0 */
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
/* Equal but for the case of ASCII letters. */
bool str_eq_nocase(struct str a, struct str b);
/* Bytewise order, shorter prefix first. Returns -1, 0 or 1. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Position of the first (last) c, or s.n when there is none. */
size_t str_find(struct str s, char c);
size_t str_rfind(struct str s, char c);
/* Position of the first occurrence of needle, or s.n. */
size_t str_search(struct str s, struct str needle);
/* Without leading and trailing ASCII white space (space \t \n \v \f \r). */
struct str str_trim(struct str s);
/* Without leading and trailing bytes that occur in set. */
struct str str_strip(struct str s, struct str set);

/* Split at the first sep: head before, tail after. False, and head = s, tail empty, when absent. */
bool str_cut(struct str s, char sep, struct str *head, struct str *tail);
/* Split at the last sep. False, and head = s, tail empty, when absent. */
bool str_rcut(struct str s, char sep, struct str *head, struct str *tail);
/* Take the next line off *rest (without its LF). False at the end. */
bool str_line(struct str *rest, struct str *line);
/* Take the next run of non-blank bytes off *rest. False at the end. */
bool str_word(struct str *rest, struct str *word);

/* The whole of s as a decimal number. False when empty, not all digits, or above max. */
bool str_u64(struct str s, uint64_t max, uint64_t *out);

/* Valid UTF-8 (RFC 3629) without NUL. */
bool str_is_text(struct str s);

/* A copy in the arena, with a NUL after it (not counted), so .p may be handed to C functions when the
 * text is known to hold no NUL. */
struct str str_copy(struct arena *a, struct str s);
struct str str_format(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct str str_lower(struct arena *a, struct str s);
/* s with every byte that is not UTF-8 text (invalid bytes, controls but LF and TAB) written as \xNN; s
 * itself when it is clean. */
struct str str_printable(struct arena *a, struct str s);

/* Does the whole of s match a pattern in which "*" stands for any bytes and "?" for any one? In time of the
 * product of their lengths at worst. */
bool str_glob(struct str pattern, struct str s);

/* FNV-1a, 64 bits: for tables in memory, not for identities. */
uint64_t str_hash(struct str s);

/* The candidate nearest to word by edit distance, or NULL when none is near enough to be meant.
 * candidates ends with NULL. For "did you mean". */
const char *str_nearest(const char *word, const char *const *candidates);

#endif
