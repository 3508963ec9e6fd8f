"""A slow link between browser and Jupyter: a proxy on this machine, for HTTP and web sockets."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.browser.lab import Lab

__all__ = ["MEGABYTES_A_SECOND", "THERE_AND_BACK_MS", "slow_link"]

THERE_AND_BACK_MS = 40.0
MEGABYTES_A_SECOND = 10.0
PIECE = 2**14
# So many pieces of one connection may be on their way: then its sender has to wait.
ON_THE_WAY = 256
# Beginning and end take no longer, in seconds, unless something is wrong.
WAIT_SECONDS = 10


@contextlib.contextmanager
def slow_link(opened: Lab) -> Iterator[None]:
    """Have all pages that are opened meanwhile reach their server through the proxy."""
    url, port = opened.url, urlsplit(opened.url).port
    assert port is not None
    with _proxy(port) as own:
        opened.url = url.replace(f":{port}", f":{own}")
        try:
            yield
        finally:
            opened.url = url


class _Way:
    """One way of the link, which all connections share."""

    def __init__(self) -> None:
        self._free = 0.0

    def arrival(self, count: int) -> float:
        """Say when so many bytes arrive that are sent now."""
        start = max(asyncio.get_running_loop().time(), self._free)
        self._free = start + count / (1e6 * MEGABYTES_A_SECOND)
        return self._free + THERE_AND_BACK_MS / 2000


@contextlib.contextmanager
def _proxy(port: int) -> Iterator[int]:
    """Run the proxy of a port in a thread of its own; gives its port."""
    loop = asyncio.new_event_loop()
    there, back = _Way(), _Way()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            ways = (reader, far_writer, there), (far_reader, writer, back)
            await asyncio.gather(*(_carry(*one) for one in ways))
        except (OSError, asyncio.CancelledError):  # nobody answers, or the link ends
            return
        finally:
            writer.close()

    thread = threading.Thread(target=loop.run_forever, name="slow-link", daemon=True)
    thread.start()
    starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(serve, "127.0.0.1"), loop)
    server = starting.result(WAIT_SECONDS)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(WAIT_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Take no more connections, and end those there are."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: _Way) -> None:
    """Carry what one side sends to the other, each piece when it arrives."""
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(ON_THE_WAY)

    async def take() -> None:
        data = b" "
        while data:
            try:
                data = await reader.read(PIECE)
            except OSError:
                data = b""
            await pieces.put((way.arrival(len(data)), data))

    taking = asyncio.create_task(take())
    try:
        while True:
            arrival, data = await pieces.get()
            await asyncio.sleep(arrival - asyncio.get_running_loop().time())
            if not data:
                return
            writer.write(data)
            await writer.drain()
    except OSError:  # the other side is gone
        return
    finally:
        taking.cancel()
        writer.close()
