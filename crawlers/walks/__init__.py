"""How each kind of source is walked: what is asked, what an answer means, what is asked next.

A walk is plain Python over bytes: no Scrapy, no network, no clock. `crawlers.spiders` walks with Scrapy, `crawlers.trial`
with httpx for whoever tries a source before adding it. `registry` knows all kinds.
"""
