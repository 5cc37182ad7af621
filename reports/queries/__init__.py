"""The queries of the reports: what happened in a month."""
