"""Transforms a template with SAM's translator; runs in the environment of the SAM CLI.

Standard input is {"template": …, "parameters": …} in JSON, standard output the result.
"""

from __future__ import annotations

import json
import logging
import sys

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def main() -> str | None:
    """Transform the template on standard input; return an error, which goes to standard error."""
    logging.disable()  # it warns about features that only AWS can switch on
    document = json.load(sys.stdin)
    # The translator would look up the names of managed policies in this mapping.
    translator = Translator({}, Parser(), boto_session=boto3.Session())
    try:
        result = translator.translate(document["template"], document["parameters"])
    except InvalidDocumentException as error:
        return "\n".join(cause.message for cause in error.causes)
    json.dump(result, sys.stdout)
    return None


if __name__ == "__main__":
    sys.exit(main())
