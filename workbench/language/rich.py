"""Short texts with emphasis, built so that nothing in the data can act as markup.

The markup (``**strong**``) belongs to the sentence, never to what is put into it: a template is cut
into spans first, and values are filled in afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# A report has thousands of spans, nearly all without a style.
SpanJson = str | dict[str, Any]
_STYLES = ("strong", "em", "code", "href")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style.

    Parameters
    ----------
    text : str
        What is read.
    strong, em, code : bool
        Emphasis.
    href : str
        Target of a link; empty for none.
    """

    text: str
    strong: bool = False
    em: bool = False
    code: bool = False
    href: str = ""

    def to_json(self) -> SpanJson:
        """Return the span as plain values: a text that is in no style is that text alone."""
        styles = {name: value for name in _STYLES if (value := getattr(self, name))}
        return {"text": self.text, **styles} if styles else self.text


def rich(template: str, /, **values: object) -> tuple[Span, ...]:
    """Return a sentence as spans, with its values filled in.

    Parameters
    ----------
    template : str
        Text with ``{name}`` fields; parts between double asterisks are strong.
    **values : object
        What stands in the fields. Asterisks and braces inside them are kept as they are.

    Examples
    --------
    >>> rich("**{n}** of {total}", n="3 ** 2", total=5)[0]
    Span(text='3 ** 2', strong=True, em=False, code=False, href='')
    """
    filled = {name: str(value) for name, value in values.items()}
    spans = [
        Span(part.format_map(filled), strong=index % 2 == 1)
        for index, part in enumerate(template.split("**"))
        if part
    ]
    return tuple(spans)


def plain(spans: tuple[Span, ...] | str) -> str:
    """Return the text of spans without their styles."""
    return spans if isinstance(spans, str) else "".join(span.text for span in spans)
