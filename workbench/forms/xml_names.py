r"""Codes as names of XML, and back: ``1.1.1.a`` is ``1_1_1_a``, and every other code has its own.

A name stays one through every export: it holds neither ``/`` nor ``-`` (which join groups and
questions) nor ``.``. Letters and digits stand for themselves, a single point is ``_``, a single
underscore ``__``; any other run of signs is ``___`` and a letter a sign, closed by ``_``.
"""

from __future__ import annotations

import re

_RUN = re.compile(r"[^A-Za-z0-9]+")
_CODED = re.compile(r"___([a-z0-9]+)_|__|_")
_SIGNS = {".": "d", "_": "u", "-": "h"}
_SIGN = re.compile(r"x([0-9a-f]+)z|([duh])")
_BACK = {letter: sign for sign, letter in _SIGNS.items()}


def encode(code: str) -> str:
    """Return a code as the end of an XML name.

    Examples
    --------
    >>> encode("1.1.1.a"), encode("sin_deuda"), encode("a-b")
    ('1_1_1_a', 'sin__deuda', 'a___h_b')
    """
    return _RUN.sub(_encoded, code)


def _encoded(match: re.Match[str]) -> str:
    """Return one run of signs."""
    run = match[0]
    if run in (".", "_"):
        return "_" if run == "." else "__"
    return "___" + "".join(_SIGNS.get(c, f"x{ord(c):x}z") for c in run) + "_"


def decode(name: str) -> str:
    """Return the code of the end of an XML name; the counterpart of :func:`encode`.

    Examples
    --------
    >>> decode("a___h_b"), decode(encode("ñ._x"))
    ('a-b', 'ñ._x')
    """
    return _CODED.sub(_decoded, name)


def _decoded(match: re.Match[str]) -> str:
    """Return the signs that one coded run stands for."""
    if match[1] is None:
        return "." if match[0] == "_" else "_"
    return "".join(
        chr(int(number, 16)) if number else _BACK[letter]
        for number, letter in _SIGN.findall(match[1])
    )
