"""Numbers, sentences and catalogues."""

from __future__ import annotations

import pickle
import re

import pytest
from babel.messages.pofile import read_po

from workbench.errors import WorkbenchError
from workbench.language import Message, as_locale, nearest_tag, rich
from workbench.language.catalogue import CATALOGUES
from workbench.language.extract import update


@pytest.mark.parametrize(
    ("tag", "value", "decimals", "text"),
    [
        ("es-MX", 1234.5, 1, "1,234.5"),
        ("es-CL", 1234.5, 1, "1.234,5"),
        ("en", 1234.5, 1, "1,234.5"),
        ("pt-BR", 1234.5, 1, "1.234,5"),
        ("pt-BR", -1234567, 0, "−1.234.567"),
        ("es-MX", -0.04, 1, "0.0"),
        ("es-MX", -3.25, 1, "−3.3"),
        ("es-MX", 6.25, 1, "6.3"),  # halves away from zero, as published tables are rounded
        ("es-MX", 2.675, 2, "2.68"),  # the number that is written, not its binary neighbour
        ("es-MX", 99.95, 1, "100.0"),
        ("es-MX", None, 1, "–"),
        ("es-MX", float("nan"), 1, "–"),
        ("es-MX", float("inf"), 1, "–"),
        ("es-MX", 1e15, 0, "1,000,000,000,000,000"),
    ],
)
def test_numbers(tag: str, value: float | None, decimals: int, text: str) -> None:
    assert as_locale(tag).number(value, decimals) == text


def test_signs_and_percents() -> None:
    locale = as_locale("es-MX")
    assert locale.number(2.0, 1, sign=True) == "+2.0"
    assert locale.number(0.0, 1, sign=True) == "0.0"
    assert locale.percent(34.78, 1) == "34.8%"
    assert as_locale("es-ES").percent(34.78, 1) == "34,8\u00a0%"
    with pytest.raises(WorkbenchError, match="one of en, es, pt"):
        as_locale("fr-FR")


def test_dates_and_lists() -> None:
    import datetime as dt

    assert as_locale("es-MX").date(dt.date(2025, 12, 18)) == "18 de diciembre de 2025"
    assert as_locale("en").date(dt.date(2025, 12, 18)) == "December 18, 2025"
    assert as_locale("es-MX").listing(["a", "b", "c"]) == "a, b y c"
    assert as_locale("es-MX").listing(["León", "Irapuato"]) == "León e Irapuato"
    assert as_locale("es-MX").listing(["a y b", "Hidalgo"]) == "a y b e Hidalgo"
    assert as_locale("es-MX").listing(["piedra", "hielo"]) == "piedra y hielo"
    assert as_locale("en").listing(["León", "Irapuato"]) == "León and Irapuato"


def test_brazilian_portuguese() -> None:
    import datetime as dt

    locale, day = as_locale("pt-BR"), dt.date(2025, 12, 18)
    assert locale.date(day) == "18 de dezembro de 2025"
    assert locale.day(day) == "18 de dez. de 2025"
    assert locale.when("2013-04") == "abril de 2013"
    assert locale.percent(34.78, 1) == "34,8%"
    assert locale.listing(["a", "b", "c"]) == "a, b e c"
    assert locale.listing(["León", "Irapuato"]) == "León e Irapuato"
    assert locale.money(1234.5, "BRL") == "R$\u00a01.234,50"
    assert locale.money(1234, "BRL") == "R$\u00a01.234"
    assert locale.exact(0.25) == "0,25"


def test_zero_is_singular_in_brazil_and_plural_in_mexico() -> None:
    one, many = "{n} rose", "{n} rose"
    for tag, words in {"pt-BR": ["0 subiu", "1 subiu", "2 subiram"],
                       "es-MX": ["0 subieron", "1 subió", "2 subieron"]}.items():  # fmt: skip
        assert [as_locale(tag).count(one, many, n) for n in (0, 1, 2)] == words


def test_a_language_alone_is_told_the_country_it_is_written_for() -> None:
    for bare, full in {"es": "es-MX", "pt": "pt-BR"}.items():
        with pytest.raises(WorkbenchError, match=f"Write {full}, for instance"):
            as_locale(bare)


def test_the_nearest_tag_to_what_an_environment_asks_for() -> None:
    wishes = ["es", "pt_BR.UTF-8", "pt", "es-CL", "en", "xx", "", None, "C.UTF-8"]
    tags = ["es-MX", "pt-BR", "pt-BR", "es-CL", "en", "en", "en", "en", "en"]
    assert [nearest_tag(wish) for wish in wishes] == tags


@pytest.mark.parametrize("tag", ["es", "pt", "ES", "xx-YY", "", "español", "../../etc"])
def test_locales_refused(tag: str) -> None:
    with pytest.raises(WorkbenchError):
        as_locale(tag)


def test_plurals() -> None:
    locale = as_locale("es-MX")
    assert locale.count(
        "{n} more assumed rule is listed at the end.",
        "{n} more assumed rules are listed at the end.",
        1,
    ).startswith("Al final se enlista 1 regla")
    assert "2 reglas supuestas" in locale.count(
        "{n} more assumed rule is listed at the end.",
        "{n} more assumed rules are listed at the end.",
        2,
    )


def test_messages_speak_and_travel() -> None:
    message = Message("there is no node {code}", code="1.1")
    assert str(message) == "there is no node 1.1"
    assert message.text("es-MX") == "no hay nodo 1.1"
    assert pickle.loads(pickle.dumps(message)) == message


def test_values_are_never_markup() -> None:
    spans = rich("**{name}** is {what}", name="A ** {what} **", what="{name}")
    assert [s.text for s in spans] == ["A ** {what} **", " is {name}"]
    assert [s.strong for s in spans] == [True, False]


def test_catalogues_are_complete() -> None:
    languages = [p.stem for p in CATALOGUES.glob("*.po")]
    assert {"es", "pt"} <= set(languages)
    for language in languages:
        assert update(language, check=True) == []


def test_translations_keep_every_field() -> None:
    """A field lost in translation loses a number; one too many stops the report."""
    for path in CATALOGUES.glob("*.po"):
        with path.open("rb") as file:
            for message in read_po(file, locale=path.stem):
                if not message.id:
                    continue
                sources = [message.id] if isinstance(message.id, str) else list(message.id)
                texts = (
                    [message.string] if isinstance(message.string, str) else list(message.string)
                )
                fields = set(re.findall(r"{(\w+)}", " ".join(sources)))
                for text in texts:
                    assert set(re.findall(r"{(\w+)}", text)) <= fields, text
                    if len(sources) == 1:
                        assert set(re.findall(r"{(\w+)}", text)) == fields, text
                    assert text.count("**") == sources[-1].count("**"), text
