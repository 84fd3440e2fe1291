"""The corpus: texts and values that have broken programs, whatever they were written for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

# A file of this name beside the input shows that something of it was executed.
TRACE = "executed"

COMMANDS = (
    f"=cmd|' /C touch {TRACE}'!A0", "+1+1", "-2+3", "@SUM(1)", f"$(touch {TRACE})",
    f"`touch {TRACE}`", f"; touch {TRACE}", f"__import__('os').system('touch {TRACE}')",
    f"!!python/object/apply:os.system ['touch {TRACE}']", "().__class__.__bases__[0]",
    "lambda: 0", "[x for x in (1,)]", "x := 1", "open('/etc/passwd')", "#eval(\"1\")", "{{7*7}}",
    "{0}", "{name.__class__}", "%s%n", "<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)", "]]>", "<!--", "&lt;&amp;&#0;", "\\input{x}",
)  # fmt: skip
PATHS = (
    "../../etc/passwd", "..\\..\\windows", "/dev/zero", "/dev/stdin", "/proc/self/mem", "CON", "NUL.txt",
    "C:\\x", "file:///etc/passwd", "~", ".", "..", "/", "a/b", "a\\b", "x" * 300, "reference:../x", "*",
)  # fmt: skip
CHARACTERS = (
    "", " ", "\t", "\n", "\r\n", "a\rb", "a\nb", "\x00", "a\x07b", "\x1b[2J\x1b]0;x\x07", "\x85", "\u2028",
    "\u202eabc", "\u2066x", "\ufeff", "\u200b", "\ufffe", "e\u0301\u00e9", "\ufb00", "\U0001f3f4\u200d\u2620\ufe0f",
    "\u0130\u0131\u00df", "\u0378", "\ue000", "\U0010ffff", "a" * 10_000, "\u0301" * 500, "'", '"', "\\", "|", ",",
    ";", ":", "#", "&a", "*a", "<<", "- a", "a: b", "? a", "%", "!x", "{", "}", "[", "]", "~", "null",
)  # fmt: skip
NUMBERS = (
    "0", "-0", "00", "01", "-1", "1e308", "1e999", "-1e999", "1e-400", "NaN", "nan", "inf", "-Infinity",
    "0x10", "0o7", "1_000", "1__0", "1,5", "1.5", "1.000,50", "1 000", "1'000", "9" * 400, "9" * 5_000,
    "0." + "0" * 400 + "1", "9007199254740993", "18446744073709551616", "\u0663", "\uff11\uff12", "\u00b2", "\u00bd",
    "\u2460", "\u2167", "\U0001d7d9", "\u22121", "5 %", "$3", "TRUE", "true", "None", "#N/A", "#DIV/0!",
)  # fmt: skip
DATES = (
    "2025-01-31", "2025-13-45", "0000-00-00", "9999-12-31", "10000-01-01", "99:99", "31/01/2025",
    "2025-01-31T25:00:00Z",
)  # fmt: skip
PATTERNS = (
    "(a+)+$",
    "(x*)*y",
    "[",
    "(?P<a",
    "\\1",
    "a{99999}",
    "(?<=a+)b",
    "((a{1,99}){1,99}){1,99}",
)
FORMULAS = (
    "1/0", "9**9**9**9", "10 ** 400", "log(0)", "exp(1e9)", "1 < 2 < 3", "a b", "()", "a.b", "a[0]",
    "f'{1}'", "a if b else c", "min()", "where(1)", "lookup(x, 1)", "not not not 1", "1 = 2 = 3", "= 1",
    '"a" + 1', "(-1) ** 0.5", "a; b", "1e400 - 1e400", "yield", "await x", "*a", "**a", "a(*b)", "...",
)  # fmt: skip
TEXTS = (*COMMANDS, *PATHS, *CHARACTERS, *NUMBERS, *DATES, *PATTERNS, *FORMULAS)

SCALARS: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 2, 10**6, 2**53 + 1, 10**30, 0.5, -1.5, 1e308, 1e-320, float("inf"),
    float("nan"), "", "x", "01001", 1001, "1001",
)  # fmt: skip
VALUES: tuple[object, ...] = (
    *SCALARS, dt.date(2025, 1, 31), dt.datetime(1, 1, 1), dt.datetime(2025, 1, 31, 12, 30), dt.time(9, 30),
    dt.timedelta(days=1), Decimal("1.10"), Decimal("1E+400"), b"\xff\x00", [], [1], {}, {"a": 1}, [[]],
)  # fmt: skip
TREES: tuple[object, ...] = (
    *SCALARS,
    [],
    {},
    [None],
    [[]],
    {"": None},
    {"a": {"b": []}},
    ["x"] * 3,
)

# Beginnings of files of other kinds.
OTHER_FILES = (
    b"", b"\x00" * 64, b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, b"%PDF-1.7\n%\xe2\xe3\n", b"\x1f\x8b\x08\x00" + b"\x00" * 30,
    b"PK\x03\x04" + b"\x00" * 40, b"PK\x05\x06" + b"\x00" * 18, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    b"PAR1\x00\x00\x00\x00PAR1", b"PAR1", b"<html><table><tr><td>1</td></tr></table></html>", b"{}", b"[]", b"null",
    b'""', b"0", b"---\n", b"--- |\n", b"SQLite format 3\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x7fELF\x02", b"ID;PWXL;N;E\r\n",
)  # fmt: skip
NOT_UTF8 = (
    b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"\x80", b"\xf1", b"\x00", b"\x1a",
    b"\xef\xbb\xbf", b"\xc3",
)  # fmt: skip
ENCODINGS = (
    "latin-1", "cp1252", "cp850", "mac_roman", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp500",
    "shift_jis", "gb18030", "utf-8-sig",
)  # fmt: skip
