"""Metadata of logos: columns read from a CSV file, and filters on them."""
