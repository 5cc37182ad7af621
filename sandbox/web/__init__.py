"""What both stand-ins share: serving, escaped HTML, languages, the look."""
