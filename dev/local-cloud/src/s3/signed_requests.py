"""Lets only signed requests of this machine's programs reach ministack.

ministack 1.5.33 answers every request, also unsigned ones and those of web pages. With this module, a
request needs a Host of this machine, no Origin, and a signature (SigV4) with the key pair of this local
cloud or with credentials that its STS has issued. The checks of the signature are ministack's own, from
`ministack.core.sigv4`; its variable AUTH would add IAM policies, and it trusts the root key unseen.

Rules: S3 API reference, "Authenticating Requests (AWS Signature Version 4)"; its page "Error responses".
"""

import os
import re
import uuid
from urllib.parse import parse_qs

from expect_continue import ASK
from ministack import app as ministack
from ministack.core import sigv4
from request_body import Body, Refused, once

HEALTH = "/_ministack/health"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(\d+))?")
# Seven days.
LONGEST_PRESIGNED = 604_800
CHUNKS_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
UNSIGNED = ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")


class Request:
    """What the checks read of an ASGI scope."""

    def __init__(self, scope):
        self.method = scope["method"]
        self.raw_path = scope["raw_path"].decode("latin-1")
        self.path = scope["path"]
        self.query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        self.headers = {}
        for name, value in scope["headers"]:
            key = name.decode("latin-1").lower()
            text = sigv4.decode_header_value(value)
            self.headers[key] = f"{self.headers[key]},{text}" if key in self.headers else text


class SignedRequests:
    def __init__(self, app, access_key_id, secret_access_key, port, allowed_hosts):
        self.app = app
        self.access_key_id = access_key_id
        self.secret_access_key = secret_access_key
        self.port = port
        self.allowed_hosts = allowed_hosts

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        request, body = Request(scope), Body(receive, scope["state"].get(ASK))
        try:
            self.check_origin(request)
            signed = body
            if request.method != "GET" or request.path != HEALTH:
                signed = await self.authenticated(request, body)
            await self.app(scope, signed, without_cors(send))
            if body.refused is not None:
                raise body.refused
        except Refused as refused:
            await body.skip()
            await answer(send, request, refused)

    def check_origin(self, request):
        """Refuses web pages, also one whose own name was made to resolve to 127.0.0.1."""
        if "origin" in request.headers:
            raise Refused("AccessDenied", "a request of a web page (with an Origin) is refused")
        host = request.headers.get("host", "")
        matched = HOST.fullmatch(host.lower())
        name, port = (matched[1], matched[2]) if matched else ("", None)
        # A bucket's name may precede: virtual-hosted style.
        own = name in LOOPBACK or name.endswith(".localhost")
        if not (own and int(port or 80) == self.port) and name not in self.allowed_hosts:
            raise Refused("AccessDenied", f"'{host}' is not an address of this endpoint")

    async def authenticated(self, request, body):
        """Returns the receive function with which the application reads the body."""
        presigned = "authorization" not in request.headers and "X-Amz-Signature" in request.query
        signature = parsed(request, presigned)
        secret = self.secret_of(request, signature, presigned)
        check_time(request, signature, presigned)
        check_signed_headers(request, signature)
        content = request.headers.get("x-amz-content-sha256")
        if signature.service == "s3" and not presigned and content is None:
            message = "Missing required header for this request: x-amz-content-sha256"
            raise Refused("InvalidRequest", message, 400)
        receive, whole = body, b""
        if content is None or content.startswith(CHUNKS_SIGNED):
            whole = await body.whole()
            receive = once(whole)
        elif re.fullmatch("[0-9a-f]{64}", content):
            body.expected = content
        elif content not in UNSIGNED:
            message = "x-amz-content-sha256 must name a kind of payload or be a valid sha256 value."
            raise Refused("InvalidArgument", message, 400)
        failure = sigv4.header_signature_failure(
            signature,
            secret,
            request.method,
            request.raw_path,
            request.query,
            request.headers,
            whole,
            presigned=presigned,
        )
        if failure:
            raise Refused(*failure)
        return receive

    def secret_of(self, request, signature, presigned):
        if signature.access_key_id == self.access_key_id:
            return self.secret_access_key
        from ministack.services import sts

        session = sts._sessions.get(signature.access_key_id)
        if session is None:
            message = "The security token included in the request is invalid."
            raise Refused("UnrecognizedClientException", message)
        from ministack.core.iam_evaluator import resolve_credential

        token = (
            request.query.get("X-Amz-Security-Token", [""])[0]
            if presigned
            else request.headers.get("x-amz-security-token", "")
        )
        found = resolve_credential(signature.access_key_id, session.get("AccountId"), token)
        if not hasattr(found, "secret_access_key"):
            raise Refused(found.code, found.message)
        return found.secret_access_key


def parsed(request, presigned):
    if presigned:
        signature = sigv4.parse_query_signature(request.query)
        algorithm = request.query.get("X-Amz-Algorithm", [""])[0]
    else:
        authorization = request.headers.get("authorization", "")
        if not authorization:
            raise Refused("MissingAuthenticationToken", "Request is missing Authentication Token")
        signature = sigv4.parse_header_signature(request.headers)
        algorithm = authorization.partition(" ")[0]
    if algorithm != "AWS4-HMAC-SHA256":
        raise Refused("UnsupportedSignature", "Only AWS4-HMAC-SHA256 is supported.")
    if isinstance(signature, tuple):
        if presigned:
            raise Refused("AuthorizationQueryParametersError", signature[1], 400)
        raise Refused(*signature)
    return signature


def check_time(request, signature, presigned):
    skewed = sigv4.request_time_failure(signature)
    if not presigned:
        if skewed:
            raise Refused(*skewed)
        return
    expires = request.query.get("X-Amz-Expires", [""])[0]
    if not re.fullmatch("[0-9]{1,6}", expires) or int(expires) > LONGEST_PRESIGNED:
        message = f"X-Amz-Expires must be a number of seconds up to {LONGEST_PRESIGNED}"
        raise Refused("AuthorizationQueryParametersError", message, 400)
    if skewed and "not yet" in skewed[1]:
        raise Refused("AccessDenied", "Request is not yet valid")
    try:
        if sigv4.presigned_request_is_expired(signature.amz_date, expires):
            raise Refused("RequestExpired", "Request has expired")
    except ValueError:
        message = "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        raise Refused("AuthorizationQueryParametersError", message, 400) from None


def check_signed_headers(request, signature):
    signed = set(signature.signed_headers.split(";"))
    # The Host is there: its name was checked.
    for name in request.headers.keys() - signed:
        if name == "host" or name.startswith("x-amz-"):
            message = f"There were headers present in the request which were not signed: {name}"
            raise Refused("AccessDenied", message)


def without_cors(send):
    async def send_without(message):
        if message["type"] == "http.response.start":
            kept = [
                header
                for header in message["headers"]
                if not header[0].lower().startswith(b"access-control-")
            ]
            message = {**message, "headers": kept}
        await send(message)

    return send_without


async def answer(send, request, refused):
    """Sends the refusal as the service that was asked words it."""
    from ministack.core.iam_actions import access_denied_response
    from ministack.core.responses import fix_error_content_type
    from ministack.services import s3

    # Of the services here, STS alone reads forms.
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    service = (
        "sts"
        if form
        else ministack.detect_service(request.method, request.path, request.headers, request.query)
    )
    if refused.status is not None:
        status, headers, body = s3._error(refused.code, refused.message, refused.status)
    else:
        status, headers, body = access_denied_response(
            service,
            "",
            "",
            str(uuid.uuid4()),
            error_code=refused.code,
            message=refused.message,
            headers=request.headers,
        )
        fix_error_content_type(service, status, headers)
    body = b"" if request.method == "HEAD" else body
    # A client whose clock is wrong corrects it by the date.
    send = ministack._with_date_header(send)
    headers = ministack._asgi_header_list({**headers, "Content-Length": str(len(body))})
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def install():
    """Puts itself in front of ministack's application."""
    ministack.app = SignedRequests(
        ministack.app,
        os.environ["AWS_ACCESS_KEY_ID"],
        os.environ["AWS_SECRET_ACCESS_KEY"],
        int(os.environ["GATEWAY_PORT"]),
        [name for name in os.environ["ALLOWED_HOSTS"].split(",") if name],
    )
