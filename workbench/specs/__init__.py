"""The file formats of the workbench: strict models, YAML read against them with line numbers."""
