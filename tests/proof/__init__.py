"""The long proof of exact sending: everything is killed, the database fails over, clocks jump (reference 5.3)."""
