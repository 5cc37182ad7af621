"""Files that people add to tickets: untrusted bytes, kept under random names, only ever downloaded (A42, B10).

`parsing` reads one upload, `storage` keeps its bytes, `upload` makes the row, `binding` ties rows to a ticket,
`access` says who gets them, `reading` gives the bytes back, `purge` drops what nobody uses, `proof` holds files
against the audit trail.
"""
