"""Whether a page is set up right: it is fetched as a browser would, what is on it is read, and every check answers."""
