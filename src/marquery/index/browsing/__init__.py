"""What a page shows of an index beside search results: lists and counts."""
