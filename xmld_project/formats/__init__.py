"""How dates are written in the area: short enough for a column (Django's FORMAT_MODULE_PATH)."""
