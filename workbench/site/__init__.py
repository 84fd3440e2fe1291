"""The site of a cohort: a few pages, without server or network, of every result with its range.

What it shows is frozen with the run (:mod:`workbench.site.content`); the pages are drawn from that
and from the ledger alone (:mod:`workbench.site.pages`).
"""
