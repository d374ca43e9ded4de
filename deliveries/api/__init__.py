"""The read API of reference 11: the same rows and figures as pages and commands, for programs."""
