"""The API's entry point: an API Gateway event in, an API Gateway response out."""

from __future__ import annotations

import os
from typing import Final

from functions.api.adapter import Adapter
from functions.api.app import create_app, warm_up
from functions.api.bootstrap import bootstrap

app: Final = create_app(bootstrap(os.environ))
handler: Final = Adapter(app)
warm_up(app)
