"""Sends the head of a reply together with a small body.

Hypercorn 0.18 writes each of them by itself, which costs two system calls and wakes the client twice.
"""

from h11 import ERROR, InformationalResponse, LocalProtocolError, Response
from hypercorn.events import RawData
from hypercorn.protocol.h11 import H11Protocol

# Bytes: copying a larger body costs more than a second write.
LARGEST_COPIED = 64 * 2**10


def install():
    """Replaces hypercorn's own method; an informational response is still sent as before."""
    send_at_once = H11Protocol._send_h11_event

    async def send_h11_event(self, event):
        if isinstance(event, InformationalResponse):
            await send_at_once(self, event)
            return
        head, self.head = getattr(self, "head", b""), b""
        try:
            data = self.connection.send(event)
        except LocalProtocolError:
            # As in hypercorn: the client broke the protocol, and the error reply was sent before.
            if self.connection.their_state is not ERROR:
                raise
            data = b""
        if isinstance(event, Response):
            self.head = data
            return
        writes = [head, data] if len(data) > LARGEST_COPIED else [head + data]
        for bytes_ in writes:
            if bytes_:
                await self.send(RawData(data=bytes_))

    H11Protocol._send_h11_event = send_h11_event
