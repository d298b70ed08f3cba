"""What examiners do with an index, apart from HTTP: search, decide, explain, report."""
