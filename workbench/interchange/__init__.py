"""Results for other programs: a workbook that recomputes them, and packages of plain tables."""
