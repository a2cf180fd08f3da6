"""A local server with many feeds that grow, in a process of its own and as cheap as can be.

`python -m bench.feeds PERIOD_S SOURCES` prints its port and the moment (`time.monotonic`) at which it began, then serves
`/0`, `/1`, ... on every loopback address. Feed `n` has had `appeared(n, k)` as the moment of its item `k`.
"""

import asyncio
import sys
import time

from tests.crawl_long import ITEM

SHOWN = 20
HEAD = 'HTTP/1.1 {} X\r\nContent-Type: application/rss+xml; charset=utf-8\r\nContent-Length: {}\r\nETag: "{}"\r\n\r\n'


def appeared(begun: float, period_s: float, sources: int, source: int, item: int) -> float:
    """When an item came into its feed; the feeds take turns within a period."""
    return begun + period_s * (item - SHOWN + source / sources)


def newest(begun: float, period_s: float, sources: int, source: int, now: float) -> int:
    """The number of the feed's newest item; there are `SHOWN` from the beginning."""
    return SHOWN - 1 + max(int((now - begun) / period_s - source / sources + 1), 0)


def answer(request: bytes, begun: float, period_s: float, sources: int) -> bytes:
    """The whole answer to a request without a body."""
    path = request.split(b" ", 2)[1].decode().strip("/")
    if not path.isdigit():
        return HEAD.format(404, 0, "").encode()
    last = newest(begun, period_s, sources, int(path), time.monotonic())
    if f'if-none-match: "{last}"'.encode() in request.lower():
        return HEAD.format(304, 0, last).encode()
    rows = "".join(ITEM.format(s=path, n=n) for n in range(last, last - SHOWN, -1))
    body = f'<rss version="2.0"><channel><title>{path}</title>{rows}</channel></rss>'.encode()
    return HEAD.format(200, len(body), last).encode() + body


async def main(period_s: float, sources: int) -> None:
    """Until the process is ended."""
    begun = time.monotonic()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                writer.write(answer(request, begun, period_s, sources))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "0.0.0.0", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], begun, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), int(sys.argv[2])))
