"""What examiners do with an index, apart from how it is asked over HTTP: search, decide, explain, report."""
