"""Shell commands typed on managed hosts: collected there, signed by the host, stored here (docs/shells.md)."""
