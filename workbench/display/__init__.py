"""Display: figures, tables and text made from views, as blocks that every exporter can draw."""
