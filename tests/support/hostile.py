# SPDX-License-Identifier: Apache-2.0
"""Layers that mean harm, made cheaply."""
import gzip
import os
import tarfile
import zlib

EMPTY = b"\0" * 512


def header(name, size=0, kind=tarfile.REGTYPE, raw_size=None):
    """One tar header block; raw_size: the twelve bytes of the size field as they are."""
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    block = bytearray(member.tobuf(tarfile.GNU_FORMAT)[-512:])
    if raw_size is not None:
        block[124:136] = raw_size
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def claims_8_eib():
    """A file of 2^63 - 1 bytes, of which there are four."""
    return header("huge", raw_size=b"\x80" + b"\0" * 3 + (2**63 - 1).to_bytes(8, "big")) + b"tiny" + EMPTY[4:]


def packed_zeros(size):
    """One gzip member of zeros, a thousandth of their size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    return b"".join(packer.compress(zeros) for _ in range(size >> 20)) + packer.flush()


def bomb(path, gigabytes, files):
    """A gzip file of a thousandth of its size: so many files, all of zeros, in many members."""
    each = (gigabytes << 30) // files
    packed = packed_zeros(1 << 26)
    with open(path, "wb") as out:
        for number in range(files):
            out.write(gzip.compress(header(f"zeros-{number}", raw_size=b"\x80" + b"\0" * 3 + each.to_bytes(8, "big"))))
            for _ in range(each >> 26):
                out.write(packed)
        out.write(gzip.compress(EMPTY * 2))


def many(path, count, name=b"some/directory/%07d"):
    """A gzipped tar of `count` empty files, each with a name of its own."""
    base = bytearray(header((name % 0).decode()))
    at = bytes(base[:100]).rindex(b"0000000")
    plain = sum(base) - sum(base[148:156]) + 8 * 32 - 7 * 48
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    with open(path, "wb") as out:
        blocks = bytearray()
        for number in range(count):
            digits = b"%07d" % number
            base[at:at + 7] = digits
            base[148:156] = b"%06o\0 " % (plain + sum(digits))
            blocks += base
            if len(blocks) >= 1 << 22:
                out.write(packer.compress(bytes(blocks)))
                blocks.clear()
        out.write(packer.compress(bytes(blocks) + EMPTY * 2) + packer.flush())


def odd_paths(inner):
    """Entries that would leave the root of a careless unpacker, and paths that go round in circles."""
    def special(kind, **more):
        member = tarfile.TarInfo("dev/special")
        member.type = kind
        for key, value in more.items():
            setattr(member, key, value)
        return member

    from images import HardLink, Link
    return [("../../../../escaped-dots", "out"), ("/escaped-absolute", "out"), ("a/../../escaped-inside", "out"),
            ("out", Link("/")), ("out/escaped-through-link", "out"), ("up", Link("../../../..")), ("up/escaped-up", "out"),
            ("loop-a", Link("loop-b")), ("loop-b", Link("loop-a")), ("loop-a/x", "x"), ("self", Link("self/self/self")),
            (".wh.", ""), ("a/.wh...", ""), (".wh...wh..opq", ""), ("a/.wh..wh..opq", ""), ("", ""), (".", None), ("..", None),
            ("/", None), ("dev/fifo", special(tarfile.FIFOTYPE)), ("dev/sda", special(tarfile.BLKTYPE, devmajor=8)),
            ("hard", HardLink("../../../../etc/passwd")), ("etc/shadow", HardLink("/etc/shadow")),
            ("a" * 5000 + "/x", "x"), ("d/" * 3000 + "x", "x"), ("\x01\x1b[31m\n", "x"), *inner.items()]


def files_below(top):
    return {os.path.join(d, n) for d, dirs, names in os.walk(top) for n in dirs + names}
