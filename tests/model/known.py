"""Where the system is known to do something else than the specification says; each name is an open bug.

The model follows the system there, so that walks go on behind it. An empty set is the aim: take a name out and the
walks find the bug again.
"""

KNOWN: frozenset[str] = frozenset()
