"""Logging in by name or address, who has to wait, and what the audit log keeps of it (reference 9)."""
