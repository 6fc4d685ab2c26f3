// Starts Swagger UI. Its own script, which runs first, defines SwaggerUIBundle.

window.SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  layout: "BaseLayout",
});
