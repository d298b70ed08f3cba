"""The files of an index: its folder, its table, and how it is written."""
