"""Whose a sender domain is: declared by an account and proved in the DNS, or vouched for by the platform."""
