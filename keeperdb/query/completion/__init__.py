"""What may be written at the caret: tables, columns, joins, functions and keywords, from memory alone."""
