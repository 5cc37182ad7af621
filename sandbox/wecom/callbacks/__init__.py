"""Callbacks: encrypted events to the application, and its encrypted replies."""
