"""Mail that comes back: what it says (pure), whose it is, and what it does (reference 7.1)."""
