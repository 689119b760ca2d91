/* SPDX-License-Identifier: Apache-2.0 */
/* Directories as images: what the two passes deliver, and what they never do. */
#include "fixture.h"

#include "image/tree.h"

#include <sys/socket.h>
#include <sys/un.h>

/* A listing of a stream: "d etc|l etc/link>passwd|f etc/passwd:5 hello|". */
static int list_stream(struct fixture *f, struct reader *r, struct str *out)
{
	struct buffer text = { .arena = &f->arena };
	struct task task = { 0 };
	struct tar *tar = tar_open(&task, r, 10000);
	struct tar_entry e;
	int code;

	while ((code = tar_next(tar, &e, &f->err)) > 0) {
		struct str content = { 0 };

		put_u8(&text, e.type == TAR_DIRECTORY ? 'd' : e.type == TAR_SYMLINK ? 'l' : 'f');
		put_u8(&text, ' ');
		put_bytes(&text, e.path);
		if (e.type == TAR_SYMLINK)
			put_bytes(&text, str_format(&f->arena, ">%.*s", STR_ARG(e.target)));
		if (e.type == TAR_FILE) {
			code = reader_all(tar_content(tar), &f->arena, 100000, &content, &f->err);
			if (code < 0)
				break;
			put_bytes(&text, str_format(&f->arena, ":%zu %.*s", content.n,
						    (int)(content.n < 10 ? content.n : 10), content.p));
		}
		put_u8(&text, '|');
	}
	if (code == 0)
		code = reader_full(r, &(char){ 0 }, 1, &f->err); /* to the end of the stream */
	while (code > 0)
		code = reader_full(r, &(char){ 0 }, 1, &f->err);
	task_close(&task);
	*out = buffer_str(&text);
	return code;
}

static struct str first_pass(struct fixture *f)
{
	struct image_layer *layer = &f->image.layers.p[0];
	struct reader *r;
	struct str out = { 0 };

	assert_int_equal(layer->open(layer, &r, &f->err), 0);
	assert_int_equal(list_stream(f, r, &out), 0);
	reader_close(r);
	return out;
}

static struct str second_pass(struct fixture *f, const char *name)
{
	struct image_layer *layer = &f->image.layers.p[0];
	struct str names[] = { str_of(name), STR("no/such/file") }, out = { 0 };
	struct reader *r;

	assert_int_equal(layer->open_names(layer, names, 2, &r, &f->err), 0);
	assert_int_equal(list_stream(f, r, &out), 0);
	reader_close(r);
	return out;
}

static void test_first_pass_has_names_and_heads_in_order(void **state)
{
	struct fixture *f = *state;
	static char program[2000] = "\177ELF......";

	put_file(f, "r/etc/passwd", STR("hello"));
	put_file(f, "r/etc.d/x", STR("x"));
	put_file(f, "r/usr/bin/prog", (struct str){ program, sizeof(program) });
	put_file(f, "r/usr/bin/small", STR("#!sh"));
	assert_int_equal(chmod(in_dir(f, "r/usr/bin/prog"), 0755), 0);
	assert_int_equal(chmod(in_dir(f, "r/usr/bin/small"), 0644 | S_IXOTH), 0);
	assert_int_equal(symlink("usr/bin", in_dir(f, "r/bin")), 0);
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	assert_int_equal(f->image.layers.n, 1);
	assert_true(f->image.layers.p[0].is_heads_first);
	assert_true(f->image.layers.p[0].size_bytes == UINT64_MAX);
	assert_str_is(first_pass(f),
		      "l bin>usr/bin|d etc|f etc/passwd:0 |d etc.d|f etc.d/x:0 |d usr|d usr/bin|"
		      "f usr/bin/prog:512 \177ELF......|f usr/bin/small:4 #!sh|");
}

static void test_second_pass_has_named_files_in_full(void **state)
{
	struct fixture *f = *state;

	put_file(f, "r/etc/passwd", STR("hello"));
	put_file(f, "r/etc/shadow", STR("secret"));
	put_file(f, "r/etc/empty", STR(""));
	assert_int_equal(symlink("passwd", in_dir(f, "r/etc/link")), 0);
	assert_int_equal(open_as(f, "", "r", NULL), 0);
	assert_str_is(second_pass(f, "etc/passwd"), "d etc|l etc/link>etc/passwd|f etc/passwd:5 hello|");
	assert_str_is(second_pass(f, "etc/empty"), "d etc|f etc/empty:0 |l etc/link>etc/passwd|");
}

static void test_names_that_are_no_utf8_come_back_escaped(void **state)
{
	struct fixture *f = *state;

	put_file(f, "r/caf\xe9\xef\xbf\xbd\xc3\xa9", STR("bytes"));
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	assert_str_is(first_pass(f), "f caf\\xe9\\xef\\xbf\\xbd\xc3\xa9:0 |");
	assert_str_is(second_pass(f, "caf\\xe9\\xef\\xbf\\xbd\xc3\xa9"),
		      "f caf\\xe9\\xef\\xbf\\xbd\xc3\xa9:5 bytes|");
}

static void test_links_are_never_followed(void **state)
{
	struct fixture *f = *state;

	put_file(f, "outside/secret", STR("secret"));
	put_file(f, "r/a", STR("a"));
	assert_int_equal(symlink("../outside", in_dir(f, "r/up")), 0);
	assert_int_equal(symlink("../outside/secret", in_dir(f, "r/file")), 0);
	assert_int_equal(symlink("/etc", in_dir(f, "r/etc")), 0);
	assert_int_equal(symlink("loop", in_dir(f, "r/loop")), 0);
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	assert_str_is(second_pass(f, "up/secret"),
		      "l etc>etc|l file>outside/secret|l loop>loop|l up>outside|");
	assert_str_is(second_pass(f, "file"), "l etc>etc|l file>outside/secret|l loop>loop|l up>outside|");
}

static void test_special_files_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	put_file(f, "r/a", STR("a"));
	assert_int_equal(mkfifo(in_dir(f, "r/pipe"), 0777), 0);
	assert_int_equal(symlink("pipe", in_dir(f, "r/topipe")), 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", in_dir(f, "r/socket"));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	if (mknod(in_dir(f, "r/null"), S_IFCHR | 0777, 0x103) < 0)
		print_message("no devices without root\n");
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	assert_str_is(first_pass(f), "f a:0 |l topipe>pipe|");
	assert_str_is(second_pass(f, "pipe"), "l topipe>pipe|");
}

static void test_unreadable_entries_are_counted(void **state)
{
	struct fixture *f = *state;
	struct str out = { 0 };
	bool is_root;
	int code;

	put_file(f, "r/hidden/x", STR("x"));
	put_file(f, "r/secret", STR("s"));
	put_file(f, "r/zzz", STR("z"));
	chmod(in_dir(f, "r/hidden"), 0);
	chmod(in_dir(f, "r/secret"), 0);
	is_root = geteuid() == 0;
	if (is_root) { /* who reads everything */
		assert_int_equal(chmod(f->dir, 0755), 0);
		assert_int_equal(seteuid(65534), 0);
	}
	code = open_as(f, "dir:", "r", NULL);
	out = code == 0 ? first_pass(f) : out;
	if (is_root)
		assert_int_equal(seteuid(0), 0);
	chmod(in_dir(f, "r/hidden"), 0755);
	assert_int_equal(code, 0);
	assert_int_equal(f->image.unreadable, 2);
	assert_str_is(out, "d hidden|f zzz:0 |");
}

static void test_digest_follows_the_metadata(void **state)
{
	struct fixture *f = *state;
	struct str first, second;

	put_file(f, "r/a/x", STR("one"));
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	first = str_copy(&f->arena, f->image.layers.p[0].digest);
	assert_true(str_starts(first, STR("sha256:")));
	assert_int_equal(first.n, 71);
	assert_true(str_eq(first, f->image.manifest_hash));
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	assert_true(str_eq(first, f->image.manifest_hash));
	assert_int_equal(chmod(in_dir(f, "r/a/x"), 0600), 0);
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	second = str_copy(&f->arena, f->image.manifest_hash);
	assert_false(str_eq(first, second));
	put_file(f, "r/a/y", STR(""));
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	assert_false(str_eq(second, f->image.manifest_hash));
}

static void test_shrinking_file_is_an_error_at_the_end(void **state)
{
	struct fixture *f = *state;
	struct image_layer *layer;
	struct str names[] = { STR("a") }, out;
	struct reader *r;
	static char big[300000];
	char head[1024];

	memset(big, 'x', sizeof(big));
	put_file(f, "r/a", (struct str){ big, sizeof(big) });
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	layer = &f->image.layers.p[0];
	assert_int_equal(layer->open_names(layer, names, 1, &r, &f->err), 0);
	assert_int_equal(reader_full(r, head, sizeof(head), &f->err), 1);
	assert_int_equal(truncate(in_dir(f, "r/a"), 2000), 0);
	assert_int_equal(reader_all(r, &f->arena, 1 << 24, &out, &f->err), E_IO);
	assert_string_equal(f->err.text, "a: changed while being read");
	reader_close(r);
}

static void test_vanished_entries_are_passed_over(void **state)
{
	struct fixture *f = *state;
	struct image_layer *layer;
	struct str out;
	struct reader *r;

	put_file(f, "r/a/x", STR("x"));
	put_file(f, "r/b", STR("b"));
	assert_int_equal(chmod(in_dir(f, "r/b"), 0755), 0);
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	layer = &f->image.layers.p[0];
	assert_int_equal(layer->open(layer, &r, &f->err), 0);
	assert_int_equal(unlink(in_dir(f, "r/a/x")), 0);
	assert_int_equal(rmdir(in_dir(f, "r/a")), 0);
	assert_int_equal(unlink(in_dir(f, "r/b")), 0);
	assert_int_equal(list_stream(f, r, &out), 0);
	assert_str_is(out, "d a|");
	reader_close(r);
}

static void test_deep_trees_cost_no_descriptors(void **state)
{
	struct fixture *f = *state;
	int fd = -1;

	put_file(f, "r/x", STR("x"));
	fd = open(in_dir(f, "r"), O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 3000; i++) { /* longer than PATH_MAX in the end */
		int next;

		assert_int_equal(mkdirat(fd, "d", 0755), 0);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		close(fd);
		fd = next;
	}
	close(fd);
	assert_int_equal(open_as(f, "dir:", "r", NULL), 0);
	assert_int_equal(f->image.unreadable, 1);
	assert_true(first_pass(f).n > 1000);
}

static void test_tree_has_byte_order_and_parents_first(void **state)
{
	struct fixture *f = *state;
	autotree struct tree *t = NULL;
	struct buffer order = { .arena = &f->arena };
	struct tree_entry e;
	int root;

	put_file(f, "r/b/c", STR(""));
	put_file(f, "r/b.txt", STR(""));
	put_file(f, "r/B/z", STR(""));
	put_file(f, "r/a", STR(""));
	root = open(in_dir(f, "r"), O_RDONLY | O_DIRECTORY);
	assert_int_equal(tree_open(root, &t, &f->err), 0);
	while (tree_next(t, &e, &f->err) > 0) {
		put_bytes(&order, e.path);
		put_u8(&order, ' ');
	}
	close(root);
	assert_str_is(buffer_str(&order), "B B/z a b b/c b.txt ");
	assert_int_equal(tree_unreadable(t), 0);
}

static void test_kernel_file_systems_are_not_entered(void **state)
{
	struct fixture *f = *state;
	autotree struct tree *t = NULL;
	struct tree_entry e;
	int root = open("/", O_RDONLY | O_DIRECTORY), seen = 0;

	assert_int_equal(tree_open(root, &t, &f->err), 0);
	for (int i = 0; i < 200000 && tree_next(t, &e, &f->err) > 0; i++) {
		seen += str_eq(e.path, STR("proc")) || str_eq(e.path, STR("dev"));
		assert_false(str_starts(e.path, STR("proc/")) || str_starts(e.path, STR("dev/")));
	}
	close(root);
	assert_true(seen >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		image_test(test_first_pass_has_names_and_heads_in_order),
		image_test(test_second_pass_has_named_files_in_full),
		image_test(test_names_that_are_no_utf8_come_back_escaped),
		image_test(test_links_are_never_followed),
		image_test(test_special_files_are_left_out),
		image_test(test_unreadable_entries_are_counted),
		image_test(test_digest_follows_the_metadata),
		image_test(test_shrinking_file_is_an_error_at_the_end),
		image_test(test_vanished_entries_are_passed_over),
		image_test(test_deep_trees_cost_no_descriptors),
		image_test(test_tree_has_byte_order_and_parents_first),
		image_test(test_kernel_file_systems_are_not_entered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
