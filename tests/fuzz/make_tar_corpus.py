#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_tar_corpus: the seeds of the fuzz targets tar, tar_diff and sieve, into tests/fuzz/corpus/. Same bytes every time."""
import os

HERE = os.path.dirname(os.path.abspath(__file__))
POSIX, GNU, V7 = b"ustar\00000", b"ustar  \0", bytes(8)


def seal(block):
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def header(name, flag=b"0", link=b"", size=0, prefix=b"", magic=POSIX, major=0, minor=0):
    block = bytearray(512)

    def put(at, text):
        block[at:at + len(text)] = text

    put(0, name[:100])
    put(100, b"0000644\0" + b"0000000\0" * 2 + (size if isinstance(size, bytes) else b"%011o\0" % size) + b"00000000000\0")
    put(156, flag)
    put(157, link[:100])
    put(257, magic)
    if magic == POSIX:
        put(329, b"%07o\0%07o\0" % (major, minor))
        put(345, prefix)
    return block


def padded(content):
    return content + bytes(-len(content) % 512)


def member(name, content=b"", **more):
    more.setdefault("size", len(content))
    return seal(header(name, **more)) + padded(content)


def link(name, target, flag=b"2"):
    return member(name, flag=flag, link=target)


def directory(name):
    return member(name, flag=b"5")


def record(key, value):
    rest = len(key) + len(value) + 3
    n = rest + 1
    while len(str(n)) + rest != n:
        n += 1
    return b"%d %s=%s\n" % (n, key, value)


def pax(*pairs, flag=b"x"):
    return member(b"pax", b"".join(record(k, v) for k, v in pairs), flag=flag)


def long_name(name, flag=b"L"):
    return member(b"././@LongLink", name + b"\0", flag=flag, magic=GNU)


def old_sparse(name, chunks, real, content):
    block = header(name, flag=b"S", size=len(content), magic=GNU)
    text = [b"%011o\0%011o\0" % c for c in chunks]
    block[386:482] = b"".join(text[:4]).ljust(96, b"\0")
    block[482] = len(text) > 4
    block[483:495] = b"%011o\0" % real
    out, text = seal(block), text[4:]
    while text:
        out += b"".join(text[:21]).ljust(504, b"\0") + bytes([len(text) > 21]) + bytes(7)
        text = text[21:]
    return out + padded(content)


END = bytes(1024)
SPARSE_10 = (b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.name", b"dir/s"), (b"GNU.sparse.realsize", b"9")

ARCHIVES = {
    "types": directory(b"d/") + member(b"d/a", b"hello") + link(b"d/l", b"a") + link(b"h", b"d/a", b"1")
        + member(b"n", flag=b"3", major=1, minor=3) + member(b"b", flag=b"4") + member(b"p", flag=b"6")
        + member(b"c", b"contiguous", flag=b"7") + END,
    "v7": member(b"old/", flag=b"\0", magic=V7) + member(b"old/a", b"x", flag=b"\0", magic=V7)
        + member(b"h", flag=b"1", link=b"old/a", magic=V7),
    "prefix": member(b"name", b"1", prefix=b"a/prefix") + member(b"name", b"2", magic=GNU) + END,
    "pax": pax((b"path", b"long/" * 30 + b"n"), (b"mtime", b"1.5")) + member(b"short", b"1")
        + pax((b"size", b"3")) + member(b"sized", size=0) + padded(b"abc")
        + pax((b"linkpath", b"target"), (b"SCHILY.xattr.x", b"\0\n\xff")) + link(b"l", b"x") + END,
    "pax-global": pax((b"comment", b"0123"), (b"linkpath", b"t"), flag=b"g") + member(b"a", b"1") + link(b"l", b"x") + END,
    "pax-damaged": member(b"p", b"11 path=abc", flag=b"x") + member(b"a"),
    "gnu-long": long_name(b"n" * 150) + long_name(b"t" * 120, b"K") + link(b"cut", b"cut") + long_name(b"f" * 101)
        + member(b"cut", b"1", magic=GNU) + END,
    "sparse-old": old_sparse(b"s", [(2, 3), (7, 2), (10, 0)], 10, b"abcde") + member(b"a", b"1") + END,
    "sparse-old-extended": old_sparse(b"s", [(2 * i, 1) for i in range(30)], 60, b"abcdefghijklmnopqrstuvwxyz0123")
        + member(b"a", b"1") + END,
    "sparse-0.0": pax((b"GNU.sparse.size", b"6"), (b"GNU.sparse.numblocks", b"2"), (b"GNU.sparse.offset", b"1"),
                      (b"GNU.sparse.numbytes", b"2"), (b"GNU.sparse.offset", b"5"), (b"GNU.sparse.numbytes", b"1"))
        + member(b"s", b"abc") + END,
    "sparse-0.1": pax((b"GNU.sparse.name", b"real"), (b"GNU.sparse.size", b"6"), (b"GNU.sparse.numblocks", b"2"),
                      (b"GNU.sparse.map", b"1,2,5,1")) + member(b"GNUSparseFile.1/real", b"abc") + END,
    "sparse-1.0": pax(*SPARSE_10) + member(b"GNUSparseFile.1/s", padded(b"2\n1\n2\n5\n1\n") + b"abc") + member(b"a", b"1") + END,
    "sparse-1.0-empty": pax(*SPARSE_10) + member(b"s", padded(b"0\n")) + END,
    "binary-size": seal(header(b"a", size=b"\x80" + bytes(10) + b"\x03")) + padded(b"abc") + END,
    "huge-size": seal(header(b"a", size=b"\x80\0\0\0\x7f" + b"\xff" * 7)) + padded(b"abc"),
    "names": directory(b"./") + member(b"./a", b"1") + member(b"/abs", b"2") + member(b"../../up", b"3")
        + member(b"x/../y//./z/") + member(b"\xff/\xc3\xa4\xef\xbf\xbd") + link(b"d/l", b"../../../q") + END,
    "odd-types": member(b"vol", flag=b"V") + member(b"dump", b"Yx", flag=b"D") + member(b"a", b"1") + END,
    "no-trailer": member(b"a", b"1"),
    "cut": member(b"a", b"1")[:700],
    "bad-checksum": (lambda b: b[:1024] + b"!" + b[1025:])(member(b"a", b"1") + member(b"b", b"2")),
}

LAYERS = {
    "replaced": member(b"t", b"old") + member(b"t", b"new") + member(b"u", b"E1") + member(b"u", b"x") + END,
    "linked-parents": directory(b"usr/z") + link(b"z", b"usr/z") + link(b"y", b"/z") + member(b"y/t", b"1")
        + directory(b"z") + member(b"z/u", b"E") + END,
    "link-over-directory": member(b"d/t", b"lost") + member(b"e/t", b"kept") + link(b"d", b"e") + member(b"d/u", b"new"),
    "file-over-link": member(b"x", b"old") + link(b"t", b"x") + member(b"t", b"new") + link(b"u", b"a/b") + member(b"u", b"made"),
    "loops": link(b"t", b"u") + link(b"u", b"t") + link(b"s", b"s") + member(b"t/x", b"1") + member(b"s", b"2")
        + link(b"v", b"w", b"1") + link(b"w", b"v", b"1"),
    "second-pass": member(b"a", b"1") + member(b"b", b"2") + link(b"c", b"b") + link(b"z", b"c") + link(b"y", b"a", b"1") + link(b"x", b"q"),
    "file-and-directory": member(b"t/u", b"1") + member(b"t", b"2") + member(b"v", b"3") + directory(b"v") + member(b"v/w", b"4")
        + member(b"x/y", b"5") + member(b"x", b"6") + member(b"x/y", b"7"),
    "whiteouts": member(b"d/.wh.t") + directory(b"d/.wh..wh..opq") + member(b"o", flag=b"3")
        + pax((b"SCHILY.xattr.trusted.overlay.opaque", b"y")) + directory(b"q"),
    "root": link(b"r", b"/") + member(b"r/t", b"1") + member(b"/", b"2") + link(b"..", b"x"),
    "doubling": b"".join(link(b"l%d" % i, b"l%d/l%d" % (i + 1, i + 1)) for i in range(12)) + member(b"l0/t", b"1"),
}


def write(target, archives):
    folder = os.path.join(HERE, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    for name, content in archives.items():
        with open(os.path.join(folder, name + ".tar"), "wb") as f:
            f.write(content)


write("tar", ARCHIVES)
write("tar_diff", {n: c for n, c in ARCHIVES.items() if n not in ("pax-damaged", "bad-checksum", "cut", "huge-size")})
write("sieve", {**LAYERS, "types": ARCHIVES["types"], "sparse-1.0": ARCHIVES["sparse-1.0"]})
