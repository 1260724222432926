#!/usr/bin/env python3
"""Counts the statuses of a combined log with DuckDB's CSV reader, on two threads: scan_duckdb.py FILE."""
import sys

import duckdb

COLUMNS = ', '.join(f"'c{i}': 'VARCHAR'" for i in range(10))
connection = duckdb.connect()
connection.execute('SET threads = 2')
query = f"""SELECT c6, count(*) FROM read_csv(?, delim = ' ', quote = '"', escape = '\\', header = false,
            auto_detect = false, ignore_errors = true, columns = {{{COLUMNS}}}) GROUP BY c6 ORDER BY c6"""
for status, count in connection.execute(query, [sys.argv[1]]).fetchall():
    print(status, count)
