"""Reading the files that people bring: CSV, JSON Lines, JSON arrays and xlsx, plain or gzipped. No Scrapy inside.

`table.open_table` finds out what a file is and gives its rows; `mapping.guess_mapping` says which column means what, with its
reasons; `mapping.apply` turns a row into an item of the push API. What a row's values mean is decided at admission.
"""
