/** Trustpilot's Integration-Key interface: POST /api/{key}/invitation. */
import { Hono } from "hono";
import { accountOf, receive } from "./account.ts";

export const integrationKeyApi = new Hono();

integrationKeyApi.post("/:key/invitation", async (c) => {
  const key = c.req.param("key");
  if (!/^[A-Za-z0-9]+$/.test(key)) return c.json({ message: "Unknown integration key" }, 404);
  if (!c.req.header("Content-Type")?.startsWith("application/json"))
    return c.json({ message: "JSON expected" }, 415);
  const body = await c.req.json<Record<string, unknown>>().catch(() => null);
  const request = {
    path: c.req.path,
    origin: c.req.header("Origin") ?? null,
    referenceId: typeof body?.["referenceId"] === "string" ? body["referenceId"] : null,
    body: body ?? {},
  };
  // The report of an order status is accepted like an invitation, and creates none.
  const invites = body?.["payloadType"] !== "OrderStatusUpdate";
  return receive(accountOf(key), request, { success: 201, problem: problemOf(body), invites });
});

function problemOf(body: Record<string, unknown> | null): string | null {
  if (body === null || typeof body !== "object") return "The body is not JSON";
  for (const field of ["recipientEmail", "referenceId"]) {
    if (typeof body[field] !== "string" || body[field] === "") return `${field} is required`;
  }
  if (!String(body["recipientEmail"]).includes("@")) return "recipientEmail is not an address";
  if (body["products"] !== undefined && !Array.isArray(body["products"])) return "products must be an array";
  return null;
}
