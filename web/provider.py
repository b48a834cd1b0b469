"""An identity provider (OpenID Connect) as the portal asks it: who somebody is, and nothing else."""

import secrets
from dataclasses import dataclass
from typing import Any, Final, Self

import httpx
import orjson
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from web.settings import PortalSettings

ALGORITHMS: Final = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""The signatures that are taken: those of a key that only the provider has."""

PATIENCE: Final = 10.0


class ProviderFailed(Exception):
    """The provider did not answer, or not as it should."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one browser asked a provider for; it stays in that browser until it comes back."""

    state: str
    nonce: str
    verifier: str
    back: str
    links: bool

    @classmethod
    def fresh(cls, back: str, *, links: bool) -> Self:
        """Return a new one, for signing in or for linking the identity to whoever is signed in."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, back, links)

    def packed(self) -> str:
        """Return it as a text for a cookie."""
        return orjson.dumps([self.state, self.nonce, self.verifier, self.back, self.links]).hex()

    @classmethod
    def unpacked(cls, text: str) -> Self | None:
        """Return what ``packed`` made; None for anything else."""
        try:
            found: Any = orjson.loads(bytes.fromhex(text))
        except ValueError:
            return None
        kinds = (str, str, str, str, bool)
        if not isinstance(found, list) or [type(each) for each in found] != list(kinds):
            return None
        return cls(*found)


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider that the settings name."""

    issuer: str
    client: str
    secret: str
    redirect: str

    @classmethod
    def of(cls, settings: PortalSettings) -> Self | None:
        """Return the provider; None where not all of it is set."""
        named = (settings.oidc_issuer, settings.oidc_client, settings.oidc_secret, settings.url)
        if not all(named):
            return None
        assert settings.oidc_secret is not None  # noqa: S101 - all are there
        return cls(
            str(settings.oidc_issuer),
            str(settings.oidc_client),
            settings.oidc_secret.get_secret_value(),
            f"{str(settings.url).rstrip('/')}/sign-in/provider/back",
        )

    def address(self, asked: Asked) -> str:
        """Return where a browser goes to be asked who it is; raises ProviderFailed."""
        with self._talking() as talk:
            endpoint = self._described(talk)["authorization_endpoint"]
            address, _ = talk.create_authorization_url(
                endpoint, state=asked.state, nonce=asked.nonce, code_verifier=asked.verifier
            )
            return str(address)

    def subject(self, asked: Asked, code: str) -> str:
        """Return who the provider says it is, proved by its signature; raises ProviderFailed."""
        try:
            with self._talking() as talk:
                described = self._described(talk)
                token = talk.fetch_token(described["token_endpoint"], code=code, code_verifier=asked.verifier)
                keys = KeySet.import_key_set(
                    talk.request("GET", described["jwks_uri"], withhold_token=True).raise_for_status().json()
                )
            claims = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
            rules = jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.client},
                nonce={"essential": True, "value": asked.nonce},
                exp={"essential": True},
                sub={"essential": True},
            )
            rules.validate(claims)
        except (httpx.HTTPError, AuthlibBaseError, JoseError, KeyError, TypeError, ValueError) as error:
            raise ProviderFailed(f"{type(error).__name__}: {error}") from None
        if claims.get("azp", self.client) != self.client or not 1 <= len(str(claims["sub"])) <= 255:
            raise ProviderFailed("the identity is for somebody else, or none that can be kept")
        return str(claims["sub"])

    def _talking(self) -> Any:
        return OAuth2Client(
            self.client,
            self.secret,
            scope="openid",
            redirect_uri=self.redirect,
            code_challenge_method="S256",
            timeout=PATIENCE,
            trust_env=False,
        )

    def _described(self, talk: Any) -> dict[str, Any]:
        place = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            described = talk.request("GET", place, withhold_token=True).raise_for_status().json()
            if described["issuer"] != self.issuer:
                raise ProviderFailed(f"{place} is another issuer's")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                described[name]
        except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
            raise ProviderFailed(f"{place}: {type(error).__name__} {error}") from None
        return dict(described)
