"""Calls to other systems: which hosts may be called, and how a call stays on the address that was checked (A40)."""
