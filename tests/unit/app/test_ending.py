"""A process that was told to stop ends, whatever hangs in it."""

import signal
import subprocess
import sys

PROGRAM = """
import asyncio, threading
from app.ending import stop_on_signal

async def main():
    stopping = asyncio.Event()
    stop_on_signal(stopping, latest_s=0.2)
    if HANGS:
        asyncio.get_running_loop().run_in_executor(None, asks_a_server)
    print("ready", flush=True)
    await stopping.wait()

def asks_a_server():
    threading.Event().wait()

asyncio.run(main())
"""


def told_to_stop(hangs: bool) -> tuple[int, str]:
    program = PROGRAM.replace("HANGS", str(hangs))
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        return process.wait(60), process.communicate()[1]


def test_a_thread_that_hangs_keeps_no_process_from_its_end_and_is_named():
    status, said = told_to_stop(hangs=True)
    assert status == 1
    assert "asks_a_server" in said


def test_a_process_in_which_nothing_hangs_ends_well_and_says_nothing():
    assert told_to_stop(hangs=False) == (0, "")
