"""The examiner's page and its JSON API: search an index from a browser, decide, file a report."""
