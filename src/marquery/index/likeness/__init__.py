"""What can be measured on a pair of logos and said in words: outlines, colours, words, layout."""
