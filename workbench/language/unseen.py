"""Characters that nobody sees and that change what is seen: none of them reaches a report."""

from __future__ import annotations

import re

# Controls but tab and line end, both kinds; what turns text around (bidirectional embeddings,
# overrides, isolates); line separators; the byte order mark; annotations; blank letters; half
# characters, and places of Unicode that are no characters.
_PLANES = "".join(f"{chr(n * 0x10000 + 0xFFFE)}{chr(n * 0x10000 + 0xFFFF)}" for n in range(17))
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufdd0-\ufdef"
    f"\u115f\u1160\u3164\uffa0\ud800-\udfff{_PLANES}]"
)


def only_seen(text: str) -> str:
    r"""Return a text without characters that nobody sees and that change what is seen.

    Examples
    --------
    >>> only_seen("Ana\u202egnp\x1b[2J")
    'Anagnp[2J'
    """
    return UNSEEN.sub("", text)
