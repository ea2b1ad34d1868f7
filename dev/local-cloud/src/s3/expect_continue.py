"""Asks a client for the body that it has announced with Expect only when the application reads it.

Hypercorn 0.18 answers `100 Continue` at once, also to a request that is then refused (RFC 9110, section
10.1.1, lets a server refuse first).
"""

from h11 import InformationalResponse
from hypercorn.protocol.h11 import H11Protocol

# In the state of a request's ASGI scope, if its client waits: a coroutine function that asks for the body.
ASK = "ask_for_body"

_create_stream = H11Protocol._create_stream
_send_h11_event = H11Protocol._send_h11_event


async def create_stream(self, request):
    async def ask():
        # A client need not wait for ever.
        if self.connection.they_are_waiting_for_100_continue:
            headers = self.config.response_headers("h11")
            await _send_h11_event(self, InformationalResponse(status_code=100, headers=headers))

    waiting = self.connection.they_are_waiting_for_100_continue
    # All connections share one state.
    self.connection_state = {**self.connection_state, ASK: ask if waiting else None}
    await _create_stream(self, request)


async def send_h11_event(self, event):
    if not isinstance(event, InformationalResponse) or event.status_code != 100:
        await _send_h11_event(self, event)


def install():
    """Replaces hypercorn's own methods."""
    H11Protocol._create_stream = create_stream
    H11Protocol._send_h11_event = send_h11_event
