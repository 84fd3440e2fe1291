"""The documentation as a site: ``make docs``. It needs no network, neither to build nor to read."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "Municipal workbench"
author = "the maintainers of municipal-workbench"
release = version = installed_version("municipal-workbench")
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "mathml",
    "generated",
]
lexers["csv"] = TextLexer()  # Pygments knows none
exclude_patterns = ["_build", "_extensions"]
myst_enable_extensions = ["attrs_block", "colon_fence", "dollarmath"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "none"  # docstrings say them, with unit and range
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False  # types are words of the field, such as units, and no links
add_module_names = False

html_theme = "furo"
html_title = "Municipal workbench"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
# Excerpts in search results are fetched from the pages, which no browser does for a file.
html_show_search_summary = False
