"""`make translations`."""


def translations(_arguments):
    """export the terms (.pot) and merge them into the German translation"""
