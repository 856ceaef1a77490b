"""selfcheck: opens a writer's pages logged out and as the author, and shows where the two differ."""

__version__ = "0.1.0"
