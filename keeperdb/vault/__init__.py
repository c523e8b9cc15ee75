"""Keeper Secrets Manager: its client, records as profiles, and the attached vaults."""
