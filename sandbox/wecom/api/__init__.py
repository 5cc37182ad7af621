"""The API under /cgi-bin/."""
