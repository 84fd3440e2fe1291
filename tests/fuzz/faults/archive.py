"""Faults of archives: workbooks, OpenDocument tables, packs."""

from __future__ import annotations

import functools
import io
import struct
import zipfile
import zlib

from tests.fuzz.faults import plain
from tests.fuzz.faults.registry import FAULTS, KINDS, fault
from tests.fuzz.levels import Draw, Members, zipped
from tests.fuzz.texts import PATHS, TEXTS

MB = 1 << 20
CHECKED = 300  # megabytes up to which the checksum is right, which takes time


def _choose(draw: Draw, members: Members) -> int:
    return draw.randrange(len(members))


def _inside(kind: str, level: str) -> None:
    """Enter the faults of a kind as faults of one member of an archive."""

    @fault(kind, "archive")
    def of_a_member(draw: Draw, members: Members) -> Members:
        n = _choose(draw, members)
        name, content = members[n]
        if not content:
            return members
        change = draw.choice([f for f in FAULTS[kind, level] if f not in UNFIT])
        if level == "text":
            text = content.decode("utf-8", "surrogateescape")
            content = (
                change(draw, text or " ").encode("utf-8", "surrogateescape")
                if _has_tokens(text)
                else content
            )
        else:
            content = change(draw, content)
        members[n] = (name, content)
        return members

    of_a_member.__name__ = f"{kind.replace(' ', '_')}_of_{level}_of_a_member"


UNFIT = (plain.no_file_at_all, plain.a_file_of_gigabytes)


def _has_tokens(text: str) -> bool:
    return bool(text.strip()) and any(c.isalnum() for c in text)


for _kind in KINDS:
    for _level in ("bytes", "text"):
        if (_kind, _level) in FAULTS:
            _inside(_kind, _level)


@fault("structure", "archive")
def a_member_gone(draw: Draw, members: Members) -> Members:
    members.pop(_choose(draw, members))
    return members


@fault("structure", "archive")
def a_member_twice(draw: Draw, members: Members) -> Members:
    return [*members, draw.choice(members)]


@fault("structure", "archive")
def a_member_of_another_name(draw: Draw, members: Members) -> Members:
    n = _choose(draw, members)
    name = members[n][0]
    members[n] = (
        draw.choice(
            (
                name.upper(),
                name + "x",
                "x/" + name,
                "/" + name,
                "../" + name,
                name.replace("/", "\\"),
            )
        ),
        members[n][1],
    )
    return members


@fault("structure", "archive")
def members_swapped(draw: Draw, members: Members) -> Members:
    a, b = _choose(draw, members), _choose(draw, members)
    (x, i), (y, j) = members[a], members[b]
    members[a], members[b] = (x, j), (y, i)
    return members


@fault("structure", "archive")
def a_head_that_lies(draw: Draw, members: Members) -> bytes:
    """Change a field of a member in the list of the archive: flags, method, sizes, checksum."""
    content = bytearray(zipped(members))
    place = content.find(b"PK\x01\x02", draw.randrange(content.find(b"PK\x01\x02") + 1))
    for _ in range(draw.randrange(len(members))):
        place = max(place, content.find(b"PK\x01\x02", place + 4))
    offset, size = draw.choice(
        ((8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (38, 4), (42, 4))
    )
    value = draw.choice((0, 1, 9, 12, 14, 99, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFF)) & (256**size - 1)
    content[place + offset : place + offset + size] = value.to_bytes(size, "little")
    return bytes(content)


@fault("type", "archive")
def a_member_of_another_kind(draw: Draw, members: Members) -> Members:
    n = _choose(draw, members)
    members[n] = (
        members[n][0],
        draw.choice((b"", b"{}", b"<a/>", b"\x00" * 9, b"null", b"PK\x05\x06" + bytes(18))),
    )
    return members


@fault("type", "archive")
def an_archive_of_something_else(draw: Draw, members: Members) -> Members:
    return [("a.txt", b"x")]


@fault("encoding", "archive")
def another_declared_encoding(draw: Draw, members: Members) -> Members:
    n = _choose(draw, members)
    name, content = members[n]
    declared = draw.choice((b"utf-16", b"latin-1", b"shift_jis", b"utf-7", b"x-none", b"US-ASCII"))
    members[n] = (name, content.replace(b"UTF-8", declared).replace(b"utf-8", declared))
    return members


@fault("size", "archive")
def a_bomb(draw: Draw, members: Members) -> bytes:
    return bomb(members, _choose(draw, members), draw.choice((50, 300, 900, 5_000)))


@fault("size", "archive")
def members_without_end(draw: Draw, members: Members) -> Members:
    return members + [(f"m{n}", b"") for n in range(draw.choice((1_000, 20_000)))]


@fault("size", "archive")
def a_sheet_that_says_it_is_large(draw: Draw, members: Members) -> Members:
    """Repeat cells and rows by a number, or stand them at the far end of the sheet."""
    far = draw.choice((b"1048576", b"999999999", b"99999999999999999999", b"-1", b"0"))
    for n, (name, content) in enumerate(members):
        for old, new in (
            (b'<row r="2"', b'<row r="' + far + b'"'), (b'r="A2"', b'r="XFD' + far + b'"'), (b'ref="A1:', b'ref="A1:XFD' + far + b'" x="'),
            (b"<table:table-row>", b'<table:table-row table:number-rows-repeated="' + far + b'">'),
            (b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="' + far + b'" '),
        ):  # fmt: skip
            if draw.random() < 0.5:
                content = content.replace(old, new, 1)
        members[n] = (name, content)
    return members


@fault("nesting", "archive")
def an_archive_of_itself(draw: Draw, members: Members) -> Members:
    content = zipped(members)
    return draw.choice(([*members, ("inner.zip", content)], [("inner.zip", content)]))


@fault("nesting", "archive")
def entities_of_entities(draw: Draw, members: Members) -> Members:
    n = _choose(draw, members)
    name, content = members[n]
    entities = b"".join(b'<!ENTITY e%d "%s">' % (k, b"&e%d;" % (k - 1) * 10) for k in range(1, 12))
    head, mark, rest = content.partition(b"?>")
    if mark:
        members[n] = (
            name,
            head
            + mark
            + b'<!DOCTYPE x [<!ENTITY e0 "lol">'
            + entities
            + b"]>"
            + rest.replace(b"<v>", b"<v>&e11;", 1),
        )
    return members


@fault("nesting", "archive")
def elements_of_elements(draw: Draw, members: Members) -> Members:
    n = _choose(draw, members)
    name, content = members[n]
    deep = b"<a>" * draw.choice((100, 50_000))
    place = content.find(b"<", draw.randrange(len(content) or 1))
    members[n] = (name, content[:place] + deep + content[place:])
    return members


@fault("nesting", "archive")
def folders_of_folders(draw: Draw, members: Members) -> Members:
    return [*members, ("a/" * draw.choice((100, 20_000)) + "x", b"x")]


@fault("truncation", "archive")
def members_cut(draw: Draw, members: Members) -> Members:
    return members[: draw.randrange(len(members))]


@fault("hostile text", "archive")
def a_hostile_member(draw: Draw, members: Members) -> Members:
    name = draw.choice((*PATHS, *TEXTS)).replace("\x00", "")[:60_000]
    return [*members, (name.encode("utf-8", "replace").decode("utf-8") or "x", b"x")]


def bomb(members: Members, which: int, megabytes: int) -> bytes:
    """Return an archive in which one member goes on with blanks, by so many megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, (name, content) in enumerate(members):
            archive.writestr(
                zipfile.ZipInfo(name), content if n != which else b"", zipfile.ZIP_DEFLATED
            )
    plain_, packed = members[which][1], io.BytesIO()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    head, _, tail = plain_.rpartition(b"<") if b"<" in plain_ else (plain_, b"", b"")
    tail = plain_[len(head) :]
    packed.write(packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH))
    packed.write(_block() * megabytes)
    checksum = zlib.crc32(head)
    for _ in range(megabytes if megabytes <= CHECKED else 0):
        checksum = zlib.crc32(b" " * MB, checksum)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed.write(packer.compress(tail) + packer.flush())
    checksum = zlib.crc32(tail, checksum)
    return _with(
        out.getvalue(), members[which][0], packed.getvalue(), len(plain_) + megabytes * MB, checksum
    )


@functools.cache
def _block() -> bytes:
    """Return a megabyte of blanks as a piece of a deflated stream that can be repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(b" " * MB) + packer.flush(zlib.Z_FULL_FLUSH)


def _with(archive: bytes, name: str, packed: bytes, size: int, checksum: int) -> bytes:
    """Return an archive with an empty member replaced by a stream that is packed already."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            if entry.filename != name:
                target.writestr(entry, source.read(entry))
                continue
            entry.header_offset = out.tell()
            entry.CRC, entry.compress_size, entry.file_size = checksum, len(packed), size
            entry.compress_type = zipfile.ZIP_DEFLATED
            raw = name.encode()
            sizes = (checksum, len(packed), min(size, 0xFFFFFFFE), len(raw), 0)
            head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0x800, 8, 0, 33, *sizes)
            out.write(head + raw + packed)
            target.filelist.append(entry)
            target.NameToInfo[name] = entry
            target.start_dir = out.tell()
            target._didModify = True  # type: ignore[attr-defined]
    return out.getvalue()
