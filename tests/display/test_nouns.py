"""Reports call the units what the instrument calls them, in the gender of the noun."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from workbench.display import cohort, municipality
from workbench.language import Locale, Noun
from workbench.language.catalogue import CATALOGUES
from workbench.language.extract import PACKAGE, gendered_of
from workbench.study import Study

ASSOCIATION = Noun(Locale("es-MX"), "asociación", "asociaciones", "feminine")
PROGRAMME = Noun(Locale("es-MX"), "programa", "programas", "masculine")


def words(root: Path, study: str, tag: str) -> str:
    """Everything that the reports of a study say, without what its sources are called."""
    found = Study.open(root / f"params/{study}.yml", locale=tag)
    sections = [
        getattr(module, name)(view)
        for module, view in (
            (municipality, found.view(found.observed_units()[0])),
            (cohort, found.cohort_view()),
        )
        for name in module.__all__
        if name != "method"
    ]
    return "\n".join(repr(section) for section in sections)


@pytest.mark.parametrize(
    ("study", "nouns"),
    [
        ("asociaciones-ejemplo", ("asociaciones", "associations")),
        ("compranet-encuesta", ("grupos de informantes", "groups of respondents")),
        ("pefa-subnacional-ejemplo", ("gobiernos subnacionales", "subnational governments")),
        ("certificacion-medicion-ejemplo", ("sistemas de medición", "measurement systems")),
    ],
)
def test_no_report_calls_another_unit_a_municipality(
    root: Path, study: str, nouns: tuple[str, str]
) -> None:
    for tag, noun, other in (
        ("es-MX", nouns[0], r"\bmunicipios?\b"),
        ("en", nouns[1], r"\bmunicipalit"),
    ):
        said = words(root, study, tag)
        assert noun in said
        assert not re.search(other, said, re.IGNORECASE)


def test_sentences_agree_with_the_noun() -> None:
    source = "In no {noun} does this change the result."
    assert ASSOCIATION.text(source) == "En ninguna asociación esto cambia el resultado."
    assert PROGRAMME.text(source) == "En ningún programa esto cambia el resultado."
    forms = ("Of {n} {noun} measured also in {before}", "Of {n} {nouns} measured also in {before}")
    assert (
        ASSOCIATION.count(*forms, 3, before="2024") == "De 3 asociaciones medidas también en 2024"
    )
    assert ASSOCIATION.count(*forms, 1, before="2024") == "De 1 asociación medida también en 2024"
    assert ASSOCIATION.titles == "Asociaciones"


def test_a_sentence_without_a_form_of_its_own_is_said_as_it_is() -> None:
    assert ASSOCIATION.text("Areas and indicators") == "Áreas e indicadores"


def test_english_needs_no_gender() -> None:
    noun = Noun(Locale("en"), "association", "associations", "feminine")
    assert noun.text("All {nouns}") == "All associations"


def test_every_sentence_about_units_is_translated_in_both_genders() -> None:
    known = read_po((CATALOGUES / "es.po").open("rb"), locale="es")
    said = set().union(
        *(gendered_of(p.read_text(encoding="utf-8")) for p in sorted(PACKAGE.rglob("*.py")))
    )
    assert len(said) > 30
    for sentence in said:
        source = sentence if isinstance(sentence, str) else sentence[0]
        if re.sub(r"{\w+}|\W", "", source):
            found = known.get(source, "feminine")
            assert found is not None, source
            assert found.string, source


def test_a_study_may_call_its_units_otherwise(root: Path) -> None:
    study = Study.open(root / "params/bm-ejecucion.yml", locale="en")
    assert study.cohort_view().info.unit_noun.many == "countries"
