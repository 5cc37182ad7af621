"""Who may do what, how votes count, which dry run a yes needs."""
