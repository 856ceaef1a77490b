"""selfcheck: looks at a writer's pages as a stranger and as the author, and says where the two differ."""

__version__ = "0.1.0"
