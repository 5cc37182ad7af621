"""Template cards: validation as on the platform, and their XML form in passive replies."""
