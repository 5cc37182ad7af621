"""Template cards: which ones the platform takes, and their XML form in passive replies."""
