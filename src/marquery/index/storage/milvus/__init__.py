"""The table of an index in Milvus: a server, or Milvus Lite in this process."""
