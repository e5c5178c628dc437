"""The crash test: kill billing runs, race them, and compare the books with an undisturbed run."""
