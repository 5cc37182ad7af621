"""Everything under /cgi-bin/."""
