"""Large exports: made by a task, kept as a file for some days, for the account's own users (reference 10)."""
