"""How owners see their tasks: the JSON that the API returns and that webhooks deliver."""
