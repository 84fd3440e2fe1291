"""Faults of bytes and of lines of text."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path
from typing import ClassVar

from tests.fuzz.faults.registry import fault
from tests.fuzz.levels import Draw
from tests.fuzz.texts import ENCODINGS, NOT_UTF8, NUMBERS, OTHER_FILES, TEXTS

_TOKEN = re.compile(r"[^\s,:;{}\[\]\"']+")
OPENING = (
    "[",
    "{",
    "(",
    "- ",
    "[[",
    '{"a": ',
    "? ",
    "'",
    '"',
    "&a [",
    "!!seq [",
    "not ",
    "-",
    "((",
    ">",
    "|\n ",
)
DEPTHS = (20, 70, 300, 3_000, 100_000)


class Unusual:
    """A thing that stands where a file should: it is made by a function of its path."""

    MAKERS: ClassVar = {
        "folder": lambda path: path.mkdir(),
        "pipe": lambda path: os.mkfifo(path),
        "endless": lambda path: path.symlink_to("/dev/zero"),
        "nothing": lambda path: path.symlink_to(path.with_name("nothing")),
        "itself": lambda path: path.symlink_to(path),
        "sparse": lambda path: _sparse(path),
    }
    MARK = b"\x00unusual:"

    @classmethod
    def of(cls, name: str) -> bytes:
        """Return the content that stands for such a thing."""
        return cls.MARK + name.encode()

    @classmethod
    def make(cls, path: Path, content: bytes) -> bool:
        """Make the thing, if the content stands for one."""
        if not content.startswith(cls.MARK):
            return False
        cls.MAKERS[content.removeprefix(cls.MARK).decode()](path)
        return True


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3_000_000_000)


# -- truncation ---------------------------------------------------------------------------------


@fault("truncation", "bytes")
def cut(draw: Draw, content: bytes) -> bytes:
    return content[: draw.randrange(len(content))]


@fault("truncation", "bytes")
def cut_at_the_end(draw: Draw, content: bytes) -> bytes:
    return content[: -draw.choice((1, 2, 4, 8, 22))]


@fault("truncation", "bytes")
def cut_at_the_start(draw: Draw, content: bytes) -> bytes:
    return content[draw.randrange(1, len(content)) :]


@fault("truncation", "bytes")
def zeros_where_a_copy_stopped(draw: Draw, content: bytes) -> bytes:
    place = draw.randrange(len(content))
    return content[:place] + bytes(len(content) - place)


@fault("truncation", "text")
def cut_at_a_line(draw: Draw, text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[: draw.randrange(len(lines))])


@fault("truncation", "text")
def a_line_cut(draw: Draw, text: str) -> str:
    lines = text.splitlines()
    n = draw.randrange(len(lines))
    lines[n] = lines[n][: draw.randrange(len(lines[n]) + 1)]
    return "\n".join(lines)


# -- structure ----------------------------------------------------------------------------------


@fault("structure", "bytes")
def bits_flipped(draw: Draw, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 8, 64))):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


@fault("structure", "bytes")
def a_piece_gone(draw: Draw, content: bytes) -> bytes:
    a, b = sorted(draw.randrange(len(content) + 1) for _ in range(2))
    return content[:a] + content[b:]


@fault("structure", "bytes")
def a_piece_again(draw: Draw, content: bytes) -> bytes:
    a, b = sorted(draw.randrange(len(content) + 1) for _ in range(2))
    return content[:b] + content[a:]


@fault("structure", "bytes")
def a_piece_of_noise(draw: Draw, content: bytes) -> bytes:
    place = draw.randrange(len(content) + 1)
    return content[:place] + draw.randbytes(draw.choice((1, 4, 40))) + content[place:]


@fault("structure", "text")
def a_line_gone(draw: Draw, text: str) -> str:
    lines = text.splitlines()
    lines.pop(draw.randrange(len(lines)))
    return "\n".join(lines)


@fault("structure", "text")
def a_line_twice(draw: Draw, text: str) -> str:
    lines = text.splitlines()
    lines.insert(draw.randrange(len(lines) + 1), draw.choice(lines))
    return "\n".join(lines)


@fault("structure", "text")
def lines_in_another_order(draw: Draw, text: str) -> str:
    lines = text.splitlines()
    draw.shuffle(lines)
    return "\n".join(lines)


@fault("structure", "text")
def a_mark_more_or_less(draw: Draw, text: str) -> str:
    place = draw.randrange(len(text) + 1)
    mark = draw.choice((*",;:\t|\"'{}[]()-#&*!?%@`<>=\n ", "\r", "\n\n", "---\n", "...\n", "  "))
    return text[:place] + draw.choice((mark, "")) + text[place + draw.randrange(2) :]


@fault("structure", "text")
def lines_indented(draw: Draw, text: str) -> str:
    lines = text.splitlines()
    n = draw.randrange(len(lines))
    lines[n] = draw.choice((" ", "    ", "\t", "- ")) + lines[n]
    return "\n".join(lines)


# -- type ---------------------------------------------------------------------------------------


@fault("type", "bytes")
def another_kind_of_file(draw: Draw, content: bytes) -> bytes:
    return draw.choice(OTHER_FILES)


@fault("type", "bytes")
def no_file_at_all(draw: Draw, content: bytes) -> bytes:
    return Unusual.of(draw.choice(("folder", "pipe", "endless", "nothing", "itself")))


@fault("type", "text")
def another_token(draw: Draw, text: str) -> str:
    tokens = list(_TOKEN.finditer(text))
    found = draw.choice(tokens)
    other = draw.choice(
        [*NUMBERS, "[]", "{}", "[1, 2]", "{a: 1}", "null", "", '""', draw.choice(tokens)[0]]
    )
    return text[: found.start()] + other + text[found.end() :]


# -- encoding -----------------------------------------------------------------------------------


@fault("encoding", "bytes")
def bytes_that_are_no_text(draw: Draw, content: bytes) -> bytes:
    place = draw.choice((0, draw.randrange(len(content) + 1), len(content)))
    return content[:place] + draw.choice(NOT_UTF8) * draw.choice((1, 3)) + content[place:]


@fault("encoding", "bytes")
def the_marks_of_another_encoding(draw: Draw, content: bytes) -> bytes:
    mark = draw.choice(
        (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf\xef\xbb\xbf", b"\x00\x00\xfe\xff", b"+/v8")
    )
    return mark + content


@fault("encoding", "text")
def another_encoding(draw: Draw, text: str) -> str:
    accented = text if not text.isascii() else text.replace("a", "á", 3)
    encoded = accented.encode(draw.choice(ENCODINGS), "replace")
    return encoded.decode("utf-8", "surrogateescape")


@fault("encoding", "text")
def other_ends_of_lines(draw: Draw, text: str) -> str:
    return text.replace(
        "\n", draw.choice(("\r", "\r\n", "\r\r\n", "\x85", "\u2028", "\x0b", "\x0c", "\x00\n"))
    )


@fault("encoding", "text")
def another_form_of_letters(draw: Draw, text: str) -> str:
    form = draw.choice(("NFD", "NFKD", "upper", "wide"))
    if form == "upper":
        return text.upper()
    if form == "wide":
        return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() and c.isascii() else c for c in text)
    return unicodedata.normalize(form, text.replace("a", "á").replace("i", "ﬁ", 2))


# -- size ---------------------------------------------------------------------------------------


@fault("size", "bytes")
def a_long_tail(draw: Draw, content: bytes) -> bytes:
    return content + draw.choice((b"\x00", b" ", b"\n", b"a", b",", b'"')) * draw.choice(
        (10_000, 5_000_000)
    )


@fault("size", "bytes")
def a_file_of_gigabytes(draw: Draw, content: bytes) -> bytes:
    return Unusual.of("sparse")


@fault("size", "text")
def a_line_very_often(draw: Draw, text: str) -> str:
    lines = text.splitlines()
    n = draw.randrange(len(lines))
    return "\n".join(
        [*lines[:n], *lines[n : n + 1] * draw.choice((1_000, 20_000, 100_000)), *lines[n:]]
    )


@fault("size", "text")
def a_token_without_end(draw: Draw, text: str) -> str:
    found = draw.choice(list(_TOKEN.finditer(text)))
    filler = draw.choice(("a", "9", "é", '""', "a,", "a b "))
    return (
        text[: found.end()] + filler * draw.choice((300, 40_000, 1_000_000)) + text[found.end() :]
    )


# -- nesting ------------------------------------------------------------------------------------


@fault("nesting", "text")
def opened_and_opened(draw: Draw, text: str) -> str:
    found = draw.choice(list(_TOKEN.finditer(text)))
    opening = draw.choice(OPENING) * draw.choice(DEPTHS)
    return text[: found.start()] + opening + text[found.start() :]


@fault("nesting", "text")
def opened_and_closed(draw: Draw, text: str) -> str:
    found = draw.choice(list(_TOKEN.finditer(text)))
    depth = draw.choice(DEPTHS)
    a, b = draw.choice(
        (("[", "]"), ("{a: ", "}"), ('{"a": ', "}"), ("(", ")"), ('"', '"'), ("abs(", ")"))
    )
    return text[: found.start()] + a * depth + found[0] + b * depth + text[found.end() :]


@fault("nesting", "text")
def a_part_of_itself(draw: Draw, text: str) -> str:
    laughs = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    loops = ("a: &a [*a]\n", "&a a: *a\n", f"a0: &a0 [x]\n{laughs}", "<<: &a {<<: *a}\n")
    return draw.choice((draw.choice(loops) + text, text + "\n" + draw.choice(loops)))


# -- hostile text -------------------------------------------------------------------------------


@fault("hostile text", "text")
def a_hostile_token(draw: Draw, text: str) -> str:
    found = draw.choice(list(_TOKEN.finditer(text)))
    return text[: found.start()] + draw.choice(TEXTS) + text[found.end() :]


@fault("hostile text", "text")
def a_hostile_text_somewhere(draw: Draw, text: str) -> str:
    place = draw.randrange(len(text) + 1)
    return text[:place] + draw.choice(TEXTS) + text[place:]
