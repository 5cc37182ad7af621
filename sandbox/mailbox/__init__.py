"""A mailbox for every address: an SMTP server that delivers to a web page, nowhere else."""
