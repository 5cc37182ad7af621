"""Where the system is known to do something else than the specification says; each name is an open bug.

The model follows the system there, so that walks go on behind it. An empty set is the aim: take a name out and the
walks find the bug again.
"""

KNOWN = {
    "children-left",  # children of a node that is done already stay when their parent is returned, vetoed, withdrawn
    "dedup-earlier-pass",  # dedup: adjacent takes an approval of an earlier pass, even of the node itself
    "dedup-passed-sits",  # whose seat was passed by dedup may take another one at the same node (I4)
}
