"""The API's entry point: an API Gateway event in, its answer out."""

from __future__ import annotations

from typing import Final

from mangum.adapter import DEFAULT_TEXT_MIME_TYPES

from functions.api.adapter import Adapter
from functions.api.app import create_app
from functions.api.dependencies import allowed_origins, services
from functions.api.errors import MEDIA_TYPE

TEXT: Final = [*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE]

app = create_app(services, allowed_origins)
handler = Adapter(app, lifespan="off", text_mime_types=TEXT)
