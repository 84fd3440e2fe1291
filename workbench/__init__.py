"""The municipal workbench."""
