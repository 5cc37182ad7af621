"""A mailbox for all addresses: an SMTP server that shows mails on a web page and never sends them on."""
