"""One distributed worker in a process of its own, to be killed and paused: servers, url, topic prefix, group, home."""

import asyncio
import signal
import sys
from pathlib import Path

from core.clock import utc_now
from core.telemetry import Metrics
from core.topics import Topic
from stream.distributed import Agent, Tools
from stream.topology import Step
from tests.integration.distributed import Forward, Set


async def main(servers: str, url: str, prefix: str, group: str, home: Path) -> None:
    """Forward messages until SIGTERM."""
    made = Set(servers, url, home, prefix=prefix, fresh=False)
    tools = Tools(made.storage, made.brokers, utc_now, Metrics(), 50, home / "scratch", group)
    agent = Agent(Step("understand", Topic.POSTS_RAW, Forward()), tools)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await agent.start()
    await stop.wait()
    await agent.stop()
    made.close()


if __name__ == "__main__":
    _, kafka, postgres, topics, consumers, folder = sys.argv
    asyncio.run(main(kafka, postgres, topics, consumers, Path(folder)))
