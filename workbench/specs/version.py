"""Names that notebooks, exporters and runs must agree on."""

MIMETYPE = "application/vnd.workbench.v1+json"
