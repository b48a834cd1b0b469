"""Addresses that let anyone write who knows them, sealed while they rest in the database."""

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from procedure.fault import Fault


class NoKey(LookupError):
    """`BEIAN_SECRET_KEY` is not set, so that nothing can be sealed or opened."""

    def __init__(self) -> None:
        super().__init__(Fault("no_secret_key"))


class WrongKey(ValueError):
    """What was sealed with another key than those of `BEIAN_SECRET_KEY`."""

    def __init__(self) -> None:
        super().__init__(Fault("another_secret_key"))


class Seal:
    """Seals with the first of `keys` and opens with any: a new key is put in front of the old ones."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise NoKey
        made = (base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()) for key in keys)
        self._keys = MultiFernet([Fernet(key) for key in made])

    def seal(self, text: str) -> str:
        """Return `text` sealed."""
        return self._keys.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return what was sealed; raises WrongKey."""
        try:
            return self._keys.decrypt(sealed).decode()
        except InvalidToken:
            raise WrongKey from None
