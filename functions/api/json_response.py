"""Responses from models that this code has built, so FastAPI need not validate them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Response
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def json_response(
    content: BaseModel | Sequence[BaseModel], status: int, headers: Mapping[str, str]
) -> Response:
    """Return a model, or a list of models, as JSON."""
    if isinstance(content, BaseModel):
        body = content.model_dump_json()
    else:
        body = f"[{','.join(model.model_dump_json() for model in content)}]"
    return Response(body, status, headers, media_type="application/json")
