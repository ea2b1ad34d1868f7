"""The body of a request to S3, compared with its digest while the application reads it."""

import hashlib

# Bytes: more than a part of an upload by the usual SDKs.
MOST_SKIPPED = 16 * 2**20


class Refused(Exception):
    """The code and the message of the reply; with a status, an error of S3 alone."""

    def __init__(self, code, message="", status=None):
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


class Body:
    """A request's body, as an ASGI receive function. With a digest, a body that differs never ends."""

    def __init__(self, receive, ask=None):
        self.receive = receive
        # Unset once the client, which waits for it, was asked for the body.
        self.ask = ask
        self.ended = False
        self.expected = None
        self.digest = hashlib.sha256()
        self.refused = None

    async def __call__(self):
        if self.ask is not None:
            ask, self.ask = self.ask, None
            await ask()
        message = await self.receive()
        self.ended = message["type"] != "http.request" or not message.get("more_body", False)
        if self.expected is None or message["type"] != "http.request":
            return message
        self.digest.update(message.get("body", b""))
        if self.ended and self.digest.hexdigest() != self.expected:
            text = "The provided 'x-amz-content-sha256' header does not match what was computed."
            self.refused = Refused("XAmzContentSHA256Mismatch", text, 400)
            return {"type": "http.disconnect"}
        return message

    async def whole(self):
        parts = []
        while not self.ended:
            parts.append((await self()).get("body", b""))
        return b"".join(parts)

    async def skip(self):
        """Otherwise a client that is still sending would not see the reply. One that waits sends nothing."""
        skipped = 0
        while self.ask is None and not self.ended and skipped < MOST_SKIPPED:
            skipped += len((await self()).get("body", b""))


def once(body):
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
