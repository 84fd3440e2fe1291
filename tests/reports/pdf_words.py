"""Where the words of a PDF stand, read from its content streams."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any

import pikepdf

Matrix = tuple[float, float, float, float, float, float]
ONE: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True)
class Piece:
    """Text as it was set in one go: page from 1, distances in points from the left and the top.

    ``mark`` is the number under which the tags of the page know it, -1 for page furniture.
    """

    page: int
    left: float
    right: float
    top: float
    size: float
    text: str
    mark: int = -1


def times(m: Matrix, n: Matrix) -> Matrix:
    """Return the product of two matrices: ``m`` first, then ``n``."""
    a, b, c, d, e, f = m
    g, h, i, j, k, o = n
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j,
            e * g + f * i + k, e * h + f * j + o)  # fmt: skip


class Font:
    """Letters and widths by glyph."""

    def __init__(self, font: Any) -> None:
        text = font.ToUnicode.read_bytes().decode("latin-1")
        self.letters: dict[int, str] = {}
        for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.DOTALL):
            for code, value in re.findall(r"<(\w+)>\s*<(\w+)>", block):
                self.letters[int(code, 16)] = bytes.fromhex(value).decode("utf-16-be")
        for block in re.findall(r"beginbfrange(.*?)endbfrange", text, re.DOTALL):
            for low, high, value in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
                first = bytes.fromhex(value).decode("utf-16-be")
                for n in range(int(high, 16) - int(low, 16) + 1):
                    self.letters[int(low, 16) + n] = first[:-1] + chr(ord(first[-1]) + n)
        inner = font.DescendantFonts[0]
        self.default = float(inner.get("/DW", 1000))
        self.widths: dict[int, float] = {}
        found = list(inner.get("/W", []))
        while found:
            start = int(found.pop(0))
            entry = found.pop(0)
            if isinstance(entry, pikepdf.Array):
                self.widths |= {start + n: float(w) for n, w in enumerate(entry)}
            else:
                width = float(found.pop(0))
                self.widths |= dict.fromkeys(range(start, int(entry) + 1), width)

    def read(self, items: Any) -> tuple[str, float]:
        """Return the text and its width in thousandths of the size, up to its last letter."""
        text, width, inked = "", 0.0, 0.0
        for item in items:
            if not isinstance(item, pikepdf.String):
                width -= float(item)
                continue
            raw = bytes(item)
            for n in range(0, len(raw) - 1, 2):
                code = raw[n] * 256 + raw[n + 1]
                text += self.letters.get(code, "")
                width += self.widths.get(code, self.default)
                if not text.endswith((" ", "\xa0")):
                    inked = width
        return text, inked


def pieces(data: bytes) -> list[Piece]:
    """Return the text of a PDF outside its figures, in the order in which it was set."""
    found: list[Piece] = []
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            height = float(page.mediabox[3])
            named = page.resources.get("/Font", {})
            fonts = {name: Font(font) for name, font in named.items()}
            stack, now, line, font, size = [], ONE, ONE, None, 0.0
            marks: list[int] = []
            for operands, operator in pikepdf.parse_content_stream(page):
                match str(operator):
                    case "q":
                        stack.append(now)
                    case "Q":
                        now = stack.pop()
                    case "cm":
                        now = times(tuple(map(float, operands)), now)  # type: ignore[arg-type]
                    case "BMC":
                        marks.append(-1)
                    case "BDC":
                        told = operands[1] if isinstance(operands[1], pikepdf.Dictionary) else {}
                        marks.append(int(told.get("/MCID", -1)))
                    case "EMC":
                        marks.pop()
                    case "BT":
                        line = ONE
                    case "Tf":
                        font, size = fonts[str(operands[0])], float(operands[1])
                    case "Tm":
                        line = tuple(map(float, operands))  # type: ignore[assignment]
                    case "Td":
                        line = times((1, 0, 0, 1, *map(float, operands)), line)  # type: ignore[arg-type]
                    case "TJ" | "Tj":
                        assert font is not None
                        items = operands[0] if str(operator) == "TJ" else operands
                        text, width = font.read(items)
                        a, _, _, d, x, y = times(line, now)
                        end = x + width / 1000 * size * a
                        mark = marks[-1] if marks else -1
                        found.append(Piece(number, x, end, height - y, abs(size * d), text, mark))
    return found
