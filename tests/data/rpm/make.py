#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make.py OUT [DB_LOAD]: the small rpm databases of this directory, and the corpora of the rpm fuzz targets.

The packages are invented. Their headers are built here, byte by byte (format_header.html of the rpm manual), and
librpm (python3-rpm) is asked to list the SQLite database as a check. The Berkeley DB files are written by
db_load of Berkeley DB 5.3, once for each byte order; the ndb file is written here.
Written 2026-11; run it again only to change the cases: SQLite's log has random salts in it."""
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zlib

STRING, INT16, INT32, BINARY, STRINGS, I18N = 6, 3, 4, 7, 8, 9
WIDTH = {INT16: 2, INT32: 4}


def encode(kind, value):
    """(bytes, count) of a tag's data."""
    if kind in (STRING, I18N):
        return value.encode() + b"\0", 1
    if kind == STRINGS:
        return b"".join(v.encode() + b"\0" for v in value), len(value)
    if kind == BINARY:
        return value, len(value)
    return b"".join(struct.pack(">I" if kind == INT32 else ">H", v) for v in value), len(value)


def header(tags, dribbles=(), region=63):
    """A header blob: tags inside a region (0: no region), dribbles behind it."""
    data, index = b"", []

    def add(tag, kind, value):
        nonlocal data
        raw, count = encode(kind, value)
        data += b"\0" * (-len(data) % WIDTH.get(kind, 1))
        index.append((tag, kind, len(data), count))
        data += raw

    for tag, kind, value in tags:
        add(tag, kind, value)
    if region:
        trailer = struct.pack(">iIiI", region, BINARY, -16 * (len(index) + 1), 16)
        index.insert(0, (region, BINARY, len(data), 16))
        data += trailer
    for tag, kind, value in dribbles:
        add(tag, kind, value)
    blob = struct.pack(">II", len(index), len(data))
    return blob + b"".join(struct.pack(">IIiI", *e) for e in index) + data


def signature(subpackets_unhashed, kind=0):
    """An old-format OpenPGP packet with a version 4 signature; its number is nonsense."""
    body = bytes([4, kind, 1, 8]) + struct.pack(">H", 6) + b"\x05\x02\x60\x00\x00\x00"
    body += struct.pack(">H", len(subpackets_unhashed)) + subpackets_unhashed + b"\xab\xcd\x00\x08\xff"
    return b"\x89" + struct.pack(">H", len(body)) + body


def package(name, version, release, arch, source="", epoch=None, module=None, vendor="Example", files=(), extra=(),
            dribbles=(), region=63):
    tags = [(100, STRINGS, ["C"]), (1000, STRING, name), (1001, STRING, version), (1002, STRING, release)]
    if epoch is not None:
        tags.append((1003, INT32, [epoch]))
    tags += [(1004, I18N, "An invented package"), (1011, STRING, vendor), (1014, STRING, "MIT")]
    if arch:
        tags.append((1022, STRING, arch))
    if source:
        tags.append((1044, STRING, source))
    if files:
        dirs = sorted({os.path.dirname(f).rstrip("/") + "/" for f in files})
        tags.append((1116, INT32, [dirs.index(os.path.dirname(f).rstrip("/") + "/") for f in files]))
        tags.append((1117, STRINGS, [os.path.basename(f) for f in files]))
        tags.append((1118, STRINGS, dirs))
    if module:
        tags.append((5096, STRING, module))
    return header(sorted(tags + list(extra)), dribbles, region)


ISSUER = b"\x09\x10\x01\x23\x45\x67\x89\xab\xcd\xef"
FINGERPRINT = b"\x16\x21\x04" + b"\x11" * 12 + b"\xfe\xdc\xba\x98\x76\x54\x32\x10"
MANY = [f"/usr/share/beta/file-{i:02d}" for i in range(60)]

ALPHA = package("alpha", "1.0", "1", "noarch", "alpha-1.0-1.src.rpm", module="runtime:12:80300:229f0a1c",
                files=["/bin", "/usr/bin/alpha", "/usr/lib/python3/site-packages/alpha/x.py"],
                extra=[(5092, STRINGS, ["ab" * 32]), (5093, INT32, [8]), (259, BINARY, signature(ISSUER))],
                dribbles=[(1008, INT32, [1700000000]), (1195, INT32, [1])])
BETA = package("beta", "3.4", "5.el9", "x86_64", "beta-src-3.4-5.el9.src.rpm", epoch=2, files=MANY,
               extra=[(259, BINARY, signature(FINGERPRINT))])
OLD = header([(1000, STRING, "old"), (1001, STRING, "0.9"), (1002, STRING, "2"), (1022, STRING, "i386"),
              (1027, STRINGS, ["/etc/old.conf", "/sbin/old"]), (1044, STRING, "(none)")], region=0)
KEY = package("gpg-pubkey", "fd431d51", "4ae0493b", "")
PACKAGES = [ALPHA, BETA, OLD, KEY]


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def read(path):
    with open(path, "rb") as f:
        return f.read()


SCHEMA = "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)"


def make_sqlite(top, out):
    """alpha, beta and the key are in the file; the log adds a fourth row and changes it to old."""
    path = os.path.join(top, "rpmdb.sqlite")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA page_size = 512")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.execute(SCHEMA)
    for blob in (ALPHA, BETA, KEY):
        db.execute("INSERT INTO Packages (blob) VALUES (?)", (blob,))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.execute("INSERT INTO Packages (blob) VALUES (?)", (ALPHA,))
    db.execute("UPDATE Packages SET blob = ? WHERE hnum = 4", (OLD,))
    shutil.copy(path, out)
    shutil.copy(path + "-wal", out)
    db.close()


def make_types(top, out):
    """Every serial type, three levels of pages, and a schema that is awkward to read."""
    path = os.path.join(top, "types.sqlite")
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA page_size = 512")
    db.execute("PRAGMA auto_vacuum = 0")
    db.execute('CREATE TABLE "odd, (name" (a TEXT DEFAULT \'x,)\', [b c] REAL, /* , */ id INTEGER, -- , \n d,'
               " CONSTRAINT k PRIMARY KEY (id), CHECK (a <> ')'))")
    db.execute("CREATE TABLE many (n INTEGER PRIMARY KEY, t TEXT)")
    db.execute("CREATE TABLE none (x PRIMARY KEY) WITHOUT ROWID")
    db.execute("CREATE TABLE empty (x)")
    db.execute("CREATE VIEW seen AS SELECT 1")
    rows = [(None, 1.5, 1, b"\x00\xff"), ("text", -2.25, -5, 127), ("", 0.0, 300, 128), ("x" * 600, 1e300, 2**40, -(2**31)),
            ("é", None, 2**62, 2**63 - 1), ("z", 3.0, 70000, 2**23), ("z", 4.0, 70001, 2**47 - 1), ("q", 0, 70002, -1),
            ("r", 1, 70003, 1)]
    db.executemany('INSERT INTO "odd, (name" VALUES (?,?,?,?)', rows)
    db.executemany("INSERT INTO many VALUES (?,?)", [(i, "row %d" % i) for i in range(1, 301)])
    db.close()
    shutil.copy(path, out)


def make_bdb(top, out, db_load):
    pairs = [(b"\0\0\0\0", b"\4\0\0\0")] + [(struct.pack("<I", i + 1), b) for i, b in enumerate(PACKAGES)]
    for name, order in (("little", 1234), ("big", 4321)):
        text = f"VERSION=3\nformat=bytevalue\ntype=hash\ndb_lorder={order}\ndb_pagesize=512\nHEADER=END\n"
        text += "".join(f" {k.hex()}\n {v.hex()}\n" for k, v in pairs) + "DATA=END\n"
        path = os.path.join(top, f"{name}.bdb")
        subprocess.run([db_load, path], input=text, text=True, check=True)
        shutil.copy(path, os.path.join(out, f"{name}.bdb"))


def ndb(blobs):
    """Slots in 4096 bytes, the file's header in their first two; each blob after the other."""
    blocks, at, slots, body = 0, 4096 // 16, b"", b""
    for i, blob in enumerate(blobs):
        size = 16 + len(blob) + 12
        blocks = -(-size // 16)
        frame = struct.pack("<4sIII", b"BlbS", i + 1, 1, len(blob)) + blob
        frame += b"\0" * (blocks * 16 - 12 - len(frame))
        frame += struct.pack("<II4s", zlib.adler32(frame), len(blob), b"BlbE")
        slots += struct.pack("<4sIII", b"Slot", i + 1, at, blocks)
        body += frame
        at += blocks
    head = struct.pack("<4sIIIIIII", b"RpmP", 0, len(blobs), 1, len(blobs) + 1, 0, 0, 0)
    slots += struct.pack("<4sIII", b"Slot", 0, 0, 0) * ((4096 - 32 - len(slots)) // 16)
    return head + slots + body


def check(out):
    """What librpm lists of the same blobs, as SQLite reads them from file and log."""
    import rpm
    with tempfile.TemporaryDirectory() as top:
        for name in ("rpmdb.sqlite", "rpmdb.sqlite-wal"):
            shutil.copy(os.path.join(out, name), top)
        rows = sqlite3.connect(os.path.join(top, "rpmdb.sqlite")).execute("SELECT * FROM Packages").fetchall()
    with tempfile.TemporaryDirectory() as top:
        subprocess.run(["rpmdb", "--dbpath", top, "--define", "_db_backend sqlite", "--initdb"], check=True)
        db = sqlite3.connect(os.path.join(top, "rpmdb.sqlite"))
        db.executemany("INSERT INTO Packages VALUES (?,?)", rows)
        db.commit()
        db.close()
        rpm.addMacro("_dbpath", top)
        rpm.addMacro("_db_backend", "sqlite")
        names = sorted((h["name"], h["epoch"], h["version"], len(h["filenames"])) for h in rpm.TransactionSet().dbMatch())
    assert names == [("alpha", None, "1.0", 3), ("beta", 2, "3.4", 60), ("gpg-pubkey", None, "fd431d51", 0),
                     ("old", None, "0.9", 0)], names  # librpm no longer knows OLDFILENAMES


def flip(data, at, value):
    return data[:at] + value + data[at + len(value):]


def make_headers(out):
    name = [(1000, STRING, "n"), (1001, STRING, "1"), (1002, STRING, "2")]
    trailer = ALPHA.rfind(struct.pack(">II", 63, 7))
    for file, data in {
        "alpha": ALPHA, "beta": BETA, "old": OLD, "key": KEY, "least": header(name, region=0),
        "region-trailer": flip(ALPHA, trailer, b"\0\0\0\x3e"),
        "cut": ALPHA[:-100], "index-only": ALPHA[:60], "no-tags": b"\0" * 8,
        "dribble-wins": header(name, [(1001, STRING, "3")]),
        "no-nul": header(name + [(1011, STRING, "v")], region=0)[:-1] + b"x",
        "name-is-number": header([(1000, INT32, [1])] + name[1:]),
        "epoch-misaligned": flip(BETA, BETA.find(struct.pack(">II", 1003, 4)) + 8, b"\0\0\0\1"),
        "dir-out-of-range": header(name + [(1116, INT32, [0, 9]), (1117, STRINGS, ["a", "b"]), (1118, STRINGS, ["/"])]),
        "names-without-dirs": header(name + [(1117, STRINGS, ["a", "b"])]),
        "count-too-large": flip(OLD, OLD.find(struct.pack(">I", 1027)) + 12, b"\0\0\x10\0"),
    }.items():
        write(os.path.join(out, "rpm_header", file), data)


def make_openpgp(out):
    v3 = b"\x03\x05\x00" + b"\x60\0\0\0" + b"\x01\x23\x45\x67\x89\xab\xcd\xef" + b"\x01\x08\xab\xcd\x00\x08\xff"
    v5 = b"\x22\x21\x05" + b"\xaa\xbb\xcc\xdd\xee\xff\x00\x11" + b"\x22" * 24
    sig = signature(ISSUER)
    for file, data in {
        "v4-issuer": sig, "v4-fingerprint": signature(FINGERPRINT), "v4-both": signature(FINGERPRINT + ISSUER),
        "v4-text": signature(ISSUER, kind=1), "v5-fingerprint": signature(v5), "v3": b"\x88" + bytes([len(v3)]) + v3,
        "v3-new-format": b"\xc2" + bytes([len(v3)]) + v3, "two": sig + signature(FINGERPRINT),
        "length-4": b"\x8a" + struct.pack(">I", len(sig) - 3) + sig[3:], "length-none": b"\x8b" + sig[3:],
        "new-2": b"\xc2" + b"\xc0" + bytes([len(sig) - 3 - 192 + 256 & 255]) + sig[3:] + b"\0" * 400,
        "new-5": b"\xc2\xff" + struct.pack(">I", len(sig) - 3) + sig[3:], "partial": b"\xc2\xe1" + sig[3:],
        "other-first": b"\xb4\x03abc" + sig, "cut": sig[:-20], "subpacket-cut": signature(ISSUER[:6]),
        "critical": signature(b"\x09\x90" + ISSUER[2:]), "no-packet": b"text",
    }.items():
        write(os.path.join(out, "openpgp", file), data)


def make_databases(out, fuzz):
    big, little = read(os.path.join(out, "big.bdb")), read(os.path.join(out, "little.bdb"))
    pages = [little[i:i + 512] for i in range(0, len(little), 512)]
    overflow = next(i for i, p in enumerate(pages) if p[25] == 7) * 512
    hash_page = next(i for i, p in enumerate(pages) if i and p[25] in (2, 13) and p[20] > 1) * 512
    for file, data in {
        "little": little, "big": big, "cut": little[:len(little) // 1024 * 512], "meta-only": little[:512],
        "loop": flip(little, overflow + 16, struct.pack("<I", overflow // 512)),
        "chain-out": flip(little, overflow + 16, struct.pack("<I", 9999)),
        "overflow-type": flip(little, overflow + 25, b"\1"), "entries": flip(little, hash_page + 20, b"\xff\xff"),
        "offset": flip(little, hash_page + 28, b"\1\0"), "item-type": flip(little, hash_page + 509, b"\2"),
        "version": flip(little, 16, b"\7"), "encrypted": flip(little, 24, b"\1"), "page-size": flip(little, 20, b"\1"),
        "meta-type": flip(little, 25, b"\x09"), "checksums": flip(little, 26, b"\1"),
    }.items():
        write(os.path.join(fuzz, "rpm_bdb", file), data)
    small = ndb(PACKAGES)
    for file, data in {
        "four": small, "empty": ndb([]), "cut": small[:4096 + 64], "slots-cut": small[:100], "index": b"RpmX" + small[4:],
        "version": flip(small, 4, b"\1"), "slot": flip(small, 32, b"slot"), "block-out": flip(small, 40, b"\xff\xff\xff\0"),
        "one-block": flip(small, 44, b"\1\0\0\0"), "package": flip(small, 4100, b"\x09"), "length": flip(small, 4108, b"\xff\xff"),
        "checksum": flip(small, 4096 + 300, b"?"), "twice": flip(small, 48, small[32:48] * 200), "slot-pages": flip(small, 12, b"\xff"),
    }.items():
        write(os.path.join(fuzz, "rpm_ndb", file), data)


def make_sqlite_corpora(out, fuzz):
    db, wal = read(os.path.join(out, "rpmdb.sqlite")), read(os.path.join(out, "rpmdb.sqlite-wal"))
    types = read(os.path.join(out, "types.sqlite"))

    def both(database, log=b""):
        return struct.pack("<I", len(database)) + database + log

    leaf = next(i for i in range(0, len(db), 512) if i and db[i] == 13)
    many = next(i for i in range(0, len(types), 512) if i and types[i] == 5)
    for file, data in {
        "file": both(db), "wal": both(db, wal), "wal-cut": both(db, wal[:len(wal) - 100]), "wal-salt": both(db, flip(wal, 32 + 8, b"\0")),
        "wal-checksum": both(db, flip(wal, 32 + 24 + 100, b"?")), "wal-magic": both(db, flip(wal, 3, b"\x83")),
        "cut": both(db[:len(db) // 1024 * 512]), "page-size": both(flip(db, 16, b"\0\1")), "reserved": both(flip(db, 20, b"\xff")),
        "utf16": both(flip(db, 56, b"\0\0\0\2")), "cells": both(flip(db, leaf + 3, b"\xff\xff")), "cell-out": both(flip(db, leaf + 8, b"\1\xff")),
        "cell-twice": both(flip(db, leaf + 8, db[leaf + 10:leaf + 12])), "loop": both(flip(types, many + 8, struct.pack(">I", many // 512 + 1))),
        "types": both(types), "page-type": both(flip(types, many, b"\7")), "text": both(b"SQLite format 3\0"),
    }.items():
        write(os.path.join(fuzz, "sqlite", file), data)
        write(os.path.join(fuzz, "rpm_sqlite", file), data)
        if len(data) == 4 + struct.unpack("<I", data[:4])[0]:
            write(os.path.join(fuzz, "sqlite_diff", file), data[4:])


def make_layers(out, fuzz):
    """Inputs of the scanner's target: a letter for the kind of database, and the file."""
    db, wal = read(os.path.join(out, "rpmdb.sqlite")), read(os.path.join(out, "rpmdb.sqlite-wal"))
    odd = [package("n\xe9", "1\n", "2", "x", "s-1-2.src.rpm", module="m:\x7f:1", files=["/a//b/../c", "/\x01", "/d/"]),
           header([(1000, STRING, "long" * 1100), (1001, STRING, "1"), (1002, STRING, "2")]),
           header([(1000, STRING, "n"), (1001, STRING, "1"), (1002, STRING, "2"), (99, STRING, "bad")]),
           ALPHA.replace(b"alpha\0", b"al\xffha\0"), BETA.replace(b"file-0", b"file\xff0")]
    line = b"bash\t5.1-1\t1\t2\tv\t(none)\t3\tx86_64\t0\tbash-5.1-1.src.rpm\n"
    for file, data in {
        "sqlite": b"s" + struct.pack("<I", len(db)) + db, "sqlite-wal": b"s" + struct.pack("<I", len(db)) + db + wal,
        "bdb": b"b" + read(os.path.join(out, "little.bdb")), "no-bdb": b"bPackage: a\n", "ndb": b"n" + ndb([ALPHA, KEY]),
        "ndb-odd": b"n" + ndb(odd), "ndb-cut": b"n" + ndb(odd)[:4300], "no-ndb": b"ntext", "manifest": b"m" + line * 2,
        "manifest-odd": b"m" + line.replace(b"(none)", b"2") + b"\nbroken\n" + line.replace(b"bash", b"\xff"),
        "none": b"",
    }.items():
        write(os.path.join(fuzz, "rpm", file), data)


def main():
    out, db_load = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "db_load"
    fuzz = os.path.join(out, "..", "..", "fuzz", "corpus")
    with tempfile.TemporaryDirectory() as top:
        make_sqlite(top, out)
        make_types(top, out)
        make_bdb(top, out, db_load)
    write(os.path.join(out, "Packages.db"), ndb(PACKAGES))
    check(out)
    for i, name in enumerate(("alpha", "beta", "old", "key")):
        write(os.path.join(out, name + ".header"), PACKAGES[i])
    make_headers(fuzz)
    make_openpgp(fuzz)
    make_databases(out, fuzz)
    make_sqlite_corpora(out, fuzz)
    make_layers(out, fuzz)


main()
