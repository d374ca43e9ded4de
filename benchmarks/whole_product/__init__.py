"""The product as its client and its operator meet it: waiting, idling, starting."""
