"""Events, their data, digests, and the chain of hashes."""
