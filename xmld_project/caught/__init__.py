"""The mail catcher's pages, for whoever tries the product out: they exist with `XMLD_DEMO=1` alone."""
