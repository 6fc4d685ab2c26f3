"""The API's entry point: an API Gateway event in, its answer out."""

from __future__ import annotations

from typing import Final

from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES

from functions.api.app import create_app
from functions.api.dependencies import services
from functions.api.errors import MEDIA_TYPE

TEXT: Final = [*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE]

handler = Mangum(create_app(services), lifespan="off", text_mime_types=TEXT)
