"""The project's own tooling: set-up, databases, tests, lint. Standard library only."""
