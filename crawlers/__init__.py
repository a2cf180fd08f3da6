"""Collecting: web feeds by Scrapy, and the reading of files that people bring.

Here is what fetches, reads and paces. Not here: what is admitted and masked (nlp.admission), where items go (the `Sink` that
`app` passes in), and which sources exist (the Store). `crawlers.service` is the way in for feeds, `crawlers.files` for files
(no Scrapy inside). Scrapy stays within this folder.
"""
