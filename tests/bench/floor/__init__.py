"""The floor: what plain Django and DRF reach with the same few rows and no rule, to measure Baton against.

Its addresses, requests and field names are Baton's, so that the same load can be sent to both.
"""
