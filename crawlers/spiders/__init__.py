"""The spiders: who is asked for what, and what the answers mean. Reading the answers is in `crawlers.pages`."""
