"""Registry: which connectors there are, which are installed, and what each of them may do."""
