"""Telling machines: which hosts may be called, and how a call stays on the one that was checked (A40)."""
