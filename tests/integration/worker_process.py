"""One distributed worker in a process of its own, to be killed and paused: three addresses, prefix, group, home."""

import asyncio
import signal
import sys
from pathlib import Path

from core.topics import Topic
from stream.distributed import Agent
from stream.topology import Step
from tests.integration.distributed import PARTITIONS, Forward, tools
from tests.servers.distributed import Distributed


async def main(kafka: str, postgres: str, elasticsearch: str, prefix: str, group: str, home: Path) -> None:
    """Forward messages until SIGTERM."""
    made = Distributed(kafka, postgres, elasticsearch, partitions=PARTITIONS, prefix=prefix)
    agent = Agent(Step("understand", Topic.POSTS_RAW, Forward()), tools(made, home, group, batch=50))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await agent.start()
    await stop.wait()
    await agent.stop()
    made.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:6], Path(sys.argv[6])))  # type: ignore[call-arg, arg-type]  # five strings
