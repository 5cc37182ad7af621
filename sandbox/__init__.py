"""Stand-ins for the outside world: a WeCom with a phone, and a mailbox. For demos and tests only."""
