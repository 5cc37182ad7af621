"""Code that the WeCom sandbox and the mailbox share: serving, escaped HTML, languages, styles."""
