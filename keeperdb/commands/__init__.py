"""Vault and database commands: one table for the shell, the command line, REST and the window."""
