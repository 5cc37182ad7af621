"""The checks of `manage.py doctor`: each returns `ok`, `off: …`, or what is wrong and how to mend it."""
