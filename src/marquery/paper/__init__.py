"""The paper's experiments: its table beside ours, and its own command."""
