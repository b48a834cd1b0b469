"""An identity provider to test against: who comes is whom it was told to name, lies included."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "beian", "known to both sides"


@dataclass
class IdentityProvider:
    """Who comes next is ``subject``; ``lies`` replace claims of their token; ``key`` signs it."""

    issuer: str = ""
    subject: str = "430600-0001"
    lies: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    published: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    signs_with: RSAKey | None = None

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser goes back to, with a code."""
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        code = f"code-{len(self.asked)}"
        self.asked[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """Return the token for a code, once, to whoever asked for it."""
        query = self.asked.pop(form["code"])
        assert query["code_challenge"] == create_s256_code_challenge(form["code_verifier"])
        assert query["redirect_uri"] == form["redirect_uri"]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.subject,
            "nonce": query["nonce"],
            "iat": now,
            "exp": now + 60,
            **self.lies,
        }
        key = self.signs_with or self.published
        return {
            "access_token": "x",
            "token_type": "Bearer",
            "id_token": jwt.encode({"alg": "RS256", "kid": "1"}, claims, key),
        }

    def answers(self, path: str) -> dict[str, Any]:
        """Return the description, or the keys."""
        if path == "/keys":
            return dict(KeySet([self.published]).as_dict(private=False))
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }


@contextmanager
def providing() -> Iterator[IdentityProvider]:
    """Run a provider on a port of this machine."""
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._give(provider.answers(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._give(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def _give(self, answer: dict[str, Any]) -> None:
            content = orjson.dumps(answer)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


def query_of(address: str) -> dict[str, str]:
    """Return the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
