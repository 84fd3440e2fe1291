"""The words of the sortable table, in the language of the study."""

from __future__ import annotations

from workbench.language import Locale, marked

WORDS = {
    "search": marked("Search:"),
    "lengthMenu": marked("_MENU_ rows"),
    "info": marked("Rows _START_ to _END_ of _TOTAL_"),
    "infoEmpty": marked("No rows"),
    "infoFiltered": marked("(of _MAX_ in all)"),
    "zeroRecords": marked("Nothing matches"),
    "emptyTable": marked("There is nothing to show"),
}


def table_words(locale: Locale) -> dict[str, str]:
    """Return the words of the table by the names that its library gives them."""
    return {name: locale.text(text) for name, text in WORDS.items()}
