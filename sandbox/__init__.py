"""Sandboxes of external services: WeCom with phones, a mailbox, and Salt. For demos and tests only."""
