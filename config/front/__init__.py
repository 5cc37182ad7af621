"""The web process's front: reads requests on an event loop, and spends a thread only on those that are there whole."""
