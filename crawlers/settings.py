"""How we behave on other people's servers: who we say we are, how fast and how much we read."""

from ipaddress import IPv4Network, IPv6Network

from msgspec import Struct

Network = IPv4Network | IPv6Network


class Identity(Struct, frozen=True, kw_only=True):
    """Who visits; `contact_url` is where an administrator of a site can reach us."""

    product: str = "Huiying"
    version: str
    contact_url: str

    @property
    def user_agent(self) -> str:
        """The User-Agent header (RFC 9110, 10.1.5); the product is also the name that robots.txt may address."""
        return f"{self.product}/{self.version} (+{self.contact_url})"


class Limits(Struct, frozen=True, kw_only=True):
    """The pace and the size of a visit; seconds and bytes."""

    delay_s: float = 2.0
    timeout_s: float = 20.0
    max_bytes: int = 5 * 1024 * 1024
    max_redirects: int = 5
    at_once: int = 16


def scrapy_settings(identity: Identity, limits: Limits) -> dict[str, object]:
    """Every setting of Scrapy that we do not leave to its default.

    Scrapy's own defaults suit a developer at a desk: a remote control that runs Python for whoever holds its token, a telnet
    console, no robots.txt, no check of certificates, bodies of 1 GiB, and a repeat within milliseconds after 429.
    """
    return _closed_doors() | _manners(identity, limits) | _components()


def _closed_doors() -> dict[str, object]:
    return {
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": False,  # and with it tldextract, which fetches a list from the Internet at its first use
        "HTTPPROXY_ENABLED": False,  # a proxy would resolve names behind the back of our address check
        "METAREFRESH_ENABLED": False,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": dict.fromkeys(("data", "file", "ftp", "s3")),
    }


def _manners(identity: Identity, limits: Limits) -> dict[str, object]:
    return {
        "USER_AGENT": identity.user_agent,
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": identity.product,
        "CONCURRENT_REQUESTS": limits.at_once,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_ITEMS": 4,  # tasks that Scrapy starts for every answer; ours brings one harvest
        "DOWNLOAD_DELAY": 0,  # `LetServersCool` keeps the delay, exactly
        "AUTOTHROTTLE_ENABLED": False,
        "HUIYING_DELAY": limits.delay_s,
        "DOWNLOAD_TIMEOUT": limits.timeout_s,
        "DNS_TIMEOUT": limits.timeout_s,
        "DOWNLOAD_MAXSIZE": limits.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": limits.max_redirects,
        "RETRY_ENABLED": False,  # the schedule tries again, with a growing pause and with the server's Retry-After
        "HTTPERROR_ALLOW_ALL": True,  # every answer reaches the spider, which names it in the result
    }


def _components() -> dict[str, object]:
    return {
        "DOWNLOADER_MIDDLEWARES": {
            "crawlers.middlewares.inward.RefuseInwardAddresses": 50,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.middlewares.robots.ObeyRobots": 100,
            "crawlers.middlewares.cooling.LetServersCool": 950,  # next to the network: it must see every answer
        },
        "ITEM_PIPELINES": {"crawlers.pipelines.WriteToSink": 100},
        "STATS_DUMP": False,
        "LOG_ENABLED": False,
        "LOGSTATS_INTERVAL": 0,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
            "Accept-Language": "zh-CN, zh;q=0.9, en;q=0.5",
        },
    }
