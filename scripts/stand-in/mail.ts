/**
 * Trustpilot's feedback mailbox, with Cloudflare's mail service before it: POST /mail takes what the Worker gave to
 * its binding (see scripts/lib/workerd.ts). The account is the local part of the address that was written to.
 *
 * Cloudflare answers as told; a mail that it takes reaches Trustpilot, which answers nothing.
 */
import { Hono } from "hono";
import { isObject } from "../../src/lib/json.ts";
import { accountOf, receive } from "./account.ts";
import { TEMPLATES } from "./behaviour.ts";

export const mail = new Hono();

mail.post("/", async (c) => {
  const { to, html } = await c.req.json<{ to: string; html: string }>();
  const body = snippetIn(html);
  const referenceId = typeof body?.["referenceId"] === "string" ? body["referenceId"] : null;
  const request = { path: c.req.path, origin: null, referenceId, body: body ?? {} };
  const account = accountOf(to.split("@")[0]!);
  // What Trustpilot cannot read, it drops without a word.
  const templates = [body?.["templateId"], body?.["productReviewInvitationTemplateId"]];
  const invites =
    typeof body?.["recipientEmail"] === "string" &&
    referenceId !== null &&
    templates.every((template) => template === undefined || TEMPLATES.some(({ id }) => id === template));
  return receive(account, request, { success: 200, problem: null, invites });
});

/** As a browser would find it: the first end tag ends the script. */
function snippetIn(html: string): Record<string, unknown> | null {
  const json = /<script type="application\/json\+trustpilot">(.*?)<\/script/is.exec(html)?.[1];
  try {
    const snippet: unknown = JSON.parse(json ?? "");
    return isObject(snippet) ? snippet : null;
  } catch {
    return null;
  }
}
