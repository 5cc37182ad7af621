"""Attachments: untrusted bytes, stored under random names and only ever downloaded (A42, B10).

`parsing` reads one upload, `storage` stores its bytes, `upload` creates the row, `binding` ties rows to a ticket,
`access` checks who may download, `reading` returns the bytes, `purge` deletes unused files, `proof` checks files
against the audit trail.
"""
