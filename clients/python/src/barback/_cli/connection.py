"""How commands connect to the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from barback._async_client import AsyncBarback
from barback._client import Barback

if TYPE_CHECKING:
    from barback._retries import Retries


@dataclass(frozen=True, slots=True)
class Connection:
    """The settings of a client. `api_key` comes from the environment: arguments are not secret."""

    url: str
    language: str
    api_key: str = field(repr=False)
    retries: Retries | None = None
    transport: Any = None

    def open(self) -> Barback:
        """Create a client."""
        return Barback(self.url, self.api_key, **self._options())

    def open_async(self) -> AsyncBarback:
        """Create an asynchronous client."""
        return AsyncBarback(self.url, self.api_key, **self._options())

    def _options(self) -> dict[str, Any]:
        return {"language": self.language, "retries": self.retries, "transport": self.transport}
