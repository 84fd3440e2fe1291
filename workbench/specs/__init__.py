"""The file formats of the workbench: strict models, and YAML read against them with line numbers."""
