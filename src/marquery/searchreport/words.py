"""What a report says of the words of a mark."""

from marquery.searchreport.record import RecordedHit, SearchRecord


def words_of(record: SearchRecord, hit: RecordedHit) -> str:
    """What was read in a mark, and which words are like the query's where the index takes words
    from a column, too.
    """
    read = hit.words or ""
    if not hit.words_by:
        return read
    if hit.words_by == "read":
        return f"{read} (like the query’s)"
    named = f"{record.index.words_from}: {hit.register_words} (like the query’s)"
    return f"{read}; {named}" if read else named
