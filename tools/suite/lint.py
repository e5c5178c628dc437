"""`make lint`."""


def lint(_arguments):
    """check style, Odoo's rules, XML, file sizes and translations"""
