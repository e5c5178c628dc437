"""What `tools/screenshots.py` is made of: a server, a browser, pages, and the list of pictures."""
