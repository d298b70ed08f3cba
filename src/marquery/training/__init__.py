"""Training: recipes (``recipe``), the loop (``loop``), and what a run leaves behind."""
