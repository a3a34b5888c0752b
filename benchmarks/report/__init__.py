"""What was measured, as findings, tables, pages and a frontier picture."""
