"""Bringing the catalogues up to date: every sentence of the code and templates, none that is gone.

Run as ``python -m workbench.language.extract``; ``--check`` only tells whether something is
missing, and ``--add fr-FR`` begins the catalogue of a new language.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import extract_from_ast

from workbench.language.catalogue import CATALOGUES, GENDERS
from workbench.language.help_text import paragraphs

PACKAGE = Path(__file__).parents[1]
# Functions and methods whose first text is shown to people; the plural ones take two forms.
SINGULAR = {"Message", "text", "rich", "marked", "say"}
PLURAL = {"Counted", "count", "rich_count", "marked_plural"}
TEMPLATE_FUNCTIONS = ("t",)
NOUN = "noun"  # what says the sentences that agree with the noun of the units is called
# Lines of a catalogue's head that say nothing, or another thing on every day.
IDLE_HEADERS = (
    '"Report-Msgid',
    '"Last-Translator',
    '"Language-Team',
    '"Generated-By',
    '"Project-Id',
    '"POT-',
    '"PO-',
)

Sentence = str | tuple[str, str]


def sentences_of(source: str | ast.AST) -> Iterator[Sentence]:
    """Yield the sentences that a Python source hands to the functions of the language room."""
    for node in ast.walk(_tree(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        texts = [
            a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
        ]
        if name in PLURAL and len(texts) >= 2:
            yield texts[0], texts[1]
        elif (
            name in SINGULAR
            and texts
            and node.args[0] is not None
            and isinstance(node.args[0], ast.Constant)
        ):
            yield texts[0]


def _tree(source: str | ast.AST) -> ast.AST:
    """Return a source as it is parsed; a part of one that is parsed already as it is."""
    return ast.parse(source) if isinstance(source, str) else source


def gendered_of(source: str | ast.AST) -> set[Sentence]:
    """Return the sentences of a Python source that agree with the noun of the units.

    They are those that something called ``noun`` says, and those with the noun in them.
    """
    found: set[Sentence] = set()
    tree = _tree(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            said_by = node.func.value
            if isinstance(said_by, ast.Name) and said_by.id == NOUN:
                found.update(sentences_of(node))
    return found | {s for s in sentences_of(tree) if re.search(r"{nouns?}", str(s))}


def helps_of(tree: ast.AST) -> Iterator[str]:
    """Yield the paragraphs of what the command line says of its commands, options and itself."""
    for node in ast.walk(tree):
        texts: list[str | None] = []
        if isinstance(node, ast.FunctionDef) and any(map(_is_command, node.decorator_list)):
            texts = [ast.get_docstring(node)]
        elif isinstance(node, ast.Call):
            values = (k.value for k in node.keywords if k.arg == "help")
            texts = [v.value for v in values if isinstance(v, ast.Constant)]  # type: ignore[misc]
        for text in filter(None, texts):
            yield from (part for part, example in paragraphs(text) if not example)


def _is_command(decorator: ast.expr) -> bool:
    """Return whether a decorator makes a function a command."""
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") == "command"


@lru_cache(maxsize=1)
def extract_all() -> Catalog:
    """Return every sentence of the interface as an empty catalogue, in order of its first use."""
    catalogue = Catalog(project="municipal-workbench")
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        gendered = gendered_of(tree)
        for sentence in sentences_of(tree):
            if not any(c.isalpha() for c in _words(sentence)):
                continue
            catalogue.add(sentence)
            for gender in GENDERS if sentence in gendered else ():
                catalogue.add(sentence, context=gender)
    for path in sorted((PACKAGE / "cli").glob("*.py")):
        for text in helps_of(ast.parse(path.read_text(encoding="utf-8"))):
            catalogue.add(text)
    environment = Environment(autoescape=True)
    for path in sorted(PACKAGE.rglob("*.j2")):
        template = environment.parse(path.read_text(encoding="utf-8"))
        for _, _, found in extract_from_ast(template, gettext_functions=TEMPLATE_FUNCTIONS):
            # A call with values comes as a tuple: its sentence, and an empty place for each value.
            message = found[0] if isinstance(found, tuple) else found
            if isinstance(message, str):
                catalogue.add(message)
    return catalogue


def _words(sentence: Sentence) -> str:
    """Return a sentence without its fields: what is left must be words to need a translation."""
    text = sentence if isinstance(sentence, str) else " ".join(sentence)
    return re.sub(r"{\w+}", "", text)


def add(tag: str) -> Path:
    """Begin the catalogue of a new language, written for one country; return its file.

    Parameters
    ----------
    tag : str
        Language and country, ``fr-FR``: the country decides on plurals and numbers.
    """
    locale = Locale.parse(tag, sep="-")
    if not locale.territory:
        raise SystemExit(f"{tag}: write a language and a country, such as es-MX")
    path = CATALOGUES / f"{locale.language}.po"
    if path.exists():
        raise SystemExit(f"{path.name} is there already")
    path.write_text(f'msgid ""\nmsgstr ""\n"Language: {locale}\\n"\n', encoding="utf-8")
    update(locale.language)
    return path


def update(language: str, *, check: bool = False) -> list[str]:
    """Bring one catalogue up to date; return the sentences that it does not translate.

    Parameters
    ----------
    language : str
        ``es``, for instance.
    check : bool
        Whether to leave the file as it is.
    """
    path = CATALOGUES / f"{language}.po"
    fresh = extract_all()
    known = Catalog(locale=language)
    if path.is_file():
        known = read_po(BytesIO(path.read_bytes()), locale=language)
    missing = []
    done = Catalog(
        # With its country, which decides on plurals too: Brazil says 0 in the singular.
        locale=known.locale,
        project="municipal-workbench",
        fuzzy=False,
        header_comment=f"# Texts of the interface in {language}.",
    )
    for message in fresh:
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[0]
        old = known.get(source, message.context)
        text = old.string if old is not None else ""
        complete = all(text) if isinstance(text, list | tuple) else bool(text)
        if not complete:
            missing.append(source if message.context is None else f"{message.context}: {source}")
        done.add(message.id, text, context=message.context)
    if not check:
        out = BytesIO()
        write_po(out, done, width=100, omit_header=False, no_location=True, sort_output=False)
        lines = [x for x in out.getvalue().decode().splitlines() if not x.startswith(IDLE_HEADERS)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return missing


def main() -> int:
    """Update every catalogue and list what is not translated."""
    check, asked = "--check" in sys.argv[1:], sys.argv[1:]
    if "--add" in asked:
        add(asked[asked.index("--add") + 1])
    left = 0
    for path in sorted(CATALOGUES.glob("*.po")):
        missing = update(path.stem, check=check)
        left += len(missing)
        for text in missing:
            print(f"{path.stem}: {text}")  # noqa: T201
    return 1 if check and left else 0


if __name__ == "__main__":
    sys.exit(main())
