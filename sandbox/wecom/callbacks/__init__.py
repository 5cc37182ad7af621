"""The way back: encrypted events to the application, and its encrypted replies."""
