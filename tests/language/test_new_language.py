"""The steps of docs/add-a-language.md, followed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from workbench.errors import WorkbenchError
from workbench.language import Nouns, as_locale, catalogue, extract
from workbench.language.catalogue import full_tags
from workbench.specs.common import Text


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a place for catalogues, without any."""
    for module in (catalogue, extract):
        monkeypatch.setattr(module, "CATALOGUES", tmp_path)
    cached = (catalogue.catalogue, catalogue.full_tags)
    for function in cached:
        function.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for function in cached:
        function.cache_clear()


def test_a_language_is_added_by_its_file_alone(empty: Path) -> None:
    with pytest.raises(WorkbenchError, match="does not speak"):
        as_locale("fr-FR")
    path = extract.add("fr-FR")
    assert path == empty / "fr.po"
    full_tags.cache_clear()
    missing = extract.update("fr", check=True)
    assert len(missing) > 3000  # and each of them is named
    assert "Where do we stand?" in missing
    assert as_locale("fr-FR").text("Where do we stand?") == "Where do we stand?"
    with pytest.raises(WorkbenchError, match="Write fr-FR, for instance"):
        as_locale("fr")

    said = 'msgid "Where do we stand?"\nmsgstr "'
    text = path.read_text(encoding="utf-8")
    assert said in text
    path.write_text(text.replace(said, f"{said}Où en sommes-nous ?"), encoding="utf-8")
    catalogue.catalogue.cache_clear()
    assert as_locale("fr-FR").text("Where do we stand?") == "Où en sommes-nous ?"
    assert as_locale("fr-FR").number(1234.5) == "1\u202f234,5"
    assert len(extract.update("fr", check=True)) == len(missing) - 1


def test_the_country_of_a_new_language_decides_on_plurals(empty: Path) -> None:
    path = extract.add("pl-PL")
    with path.open("rb") as file:
        assert read_po(file).num_plurals == 3
    assert '"Language: pl_PL\\n"' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("tag", ["fr", "es-MX"])
def test_a_language_is_added_once_and_with_its_country(tag: str) -> None:
    with pytest.raises(SystemExit):
        extract.add(tag)


def test_a_noun_that_stays_in_its_language_keeps_its_gender() -> None:
    many = Text({"es": "asociaciones", "en": "associations"})
    nouns = Nouns(many, (("es", "feminine"),))
    assert [nouns.gender_in(tag) for tag in ("es-MX", "en", "pt-BR")] == [
        "feminine", "masculine", "feminine",
    ]  # fmt: skip
