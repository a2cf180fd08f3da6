"""One distributed worker in a process of its own, to be stopped, killed and paused.

Its arguments: three addresses, prefix, group, session timeout, home.
"""

import asyncio
import signal
import sys
from dataclasses import replace
from pathlib import Path

from core.topics import Topic
from stream.distributed import Agent
from stream.topology import Step
from tests.integration.distributed import PARTITIONS, Forward, tools
from tests.servers.distributed import Distributed


async def main(kafka: str, postgres: str, elasticsearch: str, prefix: str, group: str, session: str, home: str) -> None:
    """Forward messages until SIGTERM."""
    made = Distributed(kafka, postgres, elasticsearch, partitions=PARTITIONS, prefix=prefix)
    given = replace(tools(made, Path(home), group, batch=50), session_s=float(session))
    agent = Agent(Step("understand", Topic.POSTS_RAW, Forward()), given)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await agent.start()
    await stop.wait()
    await agent.stop()
    made.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
