"""Running SQL: statements, sessions, results."""
