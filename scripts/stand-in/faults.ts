/** Answers that Trustpilot is known to give, by name: for tests, the demo and the soak. */
import type { Step } from "./behaviour.ts";

const json = (status: number, body: object): Step => ({
  status,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

/** The key is right, and its user has no role or plan for what was asked. */
export const MISSING_ROLE = json(403, {
  message: "Access to resource is forbidden",
  errorCode: 1014,
  correlationId: "5f2c4a3e-0000-4000-8000-000000000000",
});

/** The firewall in front of Trustpilot, which knows neither key nor order. */
export const FIREWALL: Step = {
  status: 403,
  headers: { "Content-Type": "text/html" },
  body: "<!DOCTYPE html><html><head><title>403</title></head><body><h1>Request blocked</h1></body></html>",
};

export const TOKEN_ENDED = json(401, {
  fault: {
    faultstring: "Access Token expired",
    detail: { errorcode: "keymanagement.service.access_token_expired" },
  },
});

export const WRONG_CREDENTIALS = json(401, {
  fault: { faultstring: "Invalid client", detail: { errorcode: "oauth.v2.InvalidClientIdentifier" } },
});

export const BAD_REQUEST = json(400, { message: "Bad request", errorCode: 1000 });
