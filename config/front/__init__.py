"""Front of the web process: an event loop reads requests, and a thread is used only once a request is complete."""
