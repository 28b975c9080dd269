/** The JSON interface: what the pages show, for programs. /openapi.json describes it from the routes themselves. */
import { Hono } from "hono/tiny";
import { openAPIRouteHandler } from "hono-openapi";
import { VERSION } from "../version.ts";
import { metrics } from "./metrics.ts";
import { operate } from "./operate.ts";
import { ordersApi } from "./orders-api.ts";
import { overviewApi } from "./overview-api.ts";
import type { StatusApp } from "./error-answer.tsx";

export const api = new Hono<StatusApp>({ strict: false });

api.route("/", ordersApi);
api.route("/", operate);
api.route("/", metrics);
api.route("/", overviewApi);

api.get(
  "/openapi.json",
  openAPIRouteHandler(api, {
    documentation: {
      info: {
        title: "Review invitations",
        version: VERSION,
        description: "Was this order invited, and if not, why? No answer holds personal data.",
      },
      components: { securitySchemes: { password: { type: "http", scheme: "basic" } } },
      security: [{ password: [] }],
    },
    exclude: ["/openapi.json"],
  }),
);
