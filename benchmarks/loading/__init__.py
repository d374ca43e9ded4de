"""From a client's files to an audience: fetching, parsing, loading, selecting."""
