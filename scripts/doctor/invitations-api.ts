/**
 * Whether Trustpilot's Invitations API accepts the key, its user and the business unit, and knows the templates: asked
 * directly, from this machine. Nothing is created. A token is left unused, so while the Worker has one too, Trustpilot may
 * answer that it is too early for another.
 */
import type { Config } from "../../src/config/config.ts";
import { messageOf, request, Unreachable, type Reply } from "../lib/deployment.ts";
import { note, notChecked, ok, wrong, type Finding } from "./finding.ts";

type Settings = Config["trustpilot"];

interface Template {
  id: string;
  name?: string;
  locale?: string;
}

export async function checkInvitationsApi(settings: Settings): Promise<Finding[]> {
  try {
    const reply = await askForToken(settings);
    const token = (reply.json as { access_token?: unknown } | null)?.access_token;
    if (reply.status !== 200 || typeof token !== "string") return [explainToken(reply)];
    const findings = [ok("token", "Trustpilot accepts the API key and its secret.")];
    const templates = await askForTemplates(settings, token);
    return [
      ...findings,
      ...(templates.status === 200 ? judgeTemplates(settings, templates) : [explain(templates)]),
    ];
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const remedy = "Check TRUSTPILOT_AUTH_URL and TRUSTPILOT_INVITATIONS_URL, and your own connection.";
    return [wrong("Trustpilot", error.message, remedy)];
  }
}

function askForToken({ authUrl, apiKey, apiSecret }: Settings): Promise<Reply> {
  return request(`${authUrl}/oauth/oauth-business-users-for-applications/accesstoken`, {
    method: "POST",
    headers: { Authorization: `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
}

function askForTemplates(settings: Settings, token: string): Promise<Reply> {
  const { invitationsUrl, businessUnitId, businessUserId } = settings;
  return request(`${invitationsUrl}/private/business-units/${businessUnitId}/templates`, {
    headers: { Authorization: `Bearer ${token}`, "x-business-user-id": businessUserId ?? "" },
  });
}

function explainToken(reply: Reply): Finding {
  const { status } = reply;
  if (status === 429)
    return note(
      "token",
      "Trustpilot gives no second token now (429): the Worker has one.",
      "Try again later.",
    );
  if (isFirewall(reply) || status >= 500) return later("token", status);
  if (status === 200)
    return wrong("token", "Trustpilot answered without a token.", "Check TRUSTPILOT_AUTH_URL.");
  return wrong(
    "token",
    `Trustpilot refuses the API key or its secret: ${status} ${messageOf(reply)}`,
    "Copy both again (Trustpilot > Integrations > Developers > APIs): npx wrangler secret put TRUSTPILOT_API_KEY, and TRUSTPILOT_API_SECRET",
  );
}

function explain(reply: Reply): Finding {
  const { status } = reply;
  if (isFirewall(reply) || status === 429 || status >= 500) return later("templates", status);
  if (status === 404)
    return wrong(
      "business unit",
      "Trustpilot does not know it (404).",
      "Correct TRUSTPILOT_BUSINESS_UNIT_ID.",
    );
  if (status === 403 || status === 401)
    return wrong(
      "user role",
      `Trustpilot refuses the user or the plan: ${status} ${messageOf(reply)}`,
      "TRUSTPILOT_BUSINESS_USER_ID must be an Admin or a Manager of TRUSTPILOT_BUSINESS_UNIT_ID, and the plan must include the Invitations API.",
    );
  return wrong(
    "templates",
    `Trustpilot refuses the request: ${status} ${messageOf(reply)}`,
    "Check the TRUSTPILOT_ settings.",
  );
}

function later(check: string, status: number): Finding {
  return note(
    check,
    `Trustpilot, or its firewall, lets no request through at the moment (${status}).`,
    "Try again in some minutes.",
  );
}

/** It answers with a page, Trustpilot itself with JSON. */
function isFirewall({ status, json }: Reply): boolean {
  return status === 403 && json === null;
}

function judgeTemplates(settings: Settings, { json }: Reply): Finding[] {
  const list = (json as { templates?: unknown } | null)?.templates;
  const templates = Array.isArray(list) ? (list as Template[]) : [];
  const { templateId, productTemplateId } = settings;
  return [
    ok("user role", "Trustpilot lets the user in."),
    ok("business unit", "Trustpilot knows it."),
    judgeTemplate("template", "TRUSTPILOT_TEMPLATE_ID", templateId, templates),
    judgeTemplate("product template", "TRUSTPILOT_PRODUCT_TEMPLATE_ID", productTemplateId, templates),
    judgeLocale(settings, templates),
  ];
}

/** A wrong id fails silently at Trustpilot. */
function judgeTemplate(check: string, name: string, id: string | null, templates: Template[]): Finding {
  if (id === null)
    return ok(
      check,
      `${name} is not set: ${check === "template" ? "the account's default" : "no product reviews"}.`,
    );
  const template = templates.find((known) => known.id === id);
  if (template !== undefined) return ok(check, `${name} is “${template.name ?? id}”.`);
  const known = templates.map(({ id, name }) => `${id} (${name ?? "no name"})`).join(", ") || "none";
  return wrong(
    check,
    `Trustpilot has no template ${id}, and would drop the invitations silently.`,
    `Set ${name} to one of these: ${known}.`,
  );
}

function judgeLocale({ locale, templateId, productTemplateId }: Settings, templates: Template[]): Finding {
  if (locale === null) return ok("locale", "TRUSTPILOT_LOCALE is not set: the event's, or the account's.");
  const chosen = templates.filter(({ id }) => id === templateId || id === productTemplateId);
  const ofOthers = (chosen.length > 0 ? chosen : templates).flatMap((template) => template.locale ?? []);
  if (ofOthers.length === 0)
    return notChecked("locale", "No template names a language.", "Look at Trustpilot.");
  if (ofOthers.includes(locale)) return ok("locale", `A template is in ${locale}.`);
  return note(
    "locale",
    `No template in use is in ${locale}, only in ${[...new Set(ofOthers)].join(", ")}.`,
    "Choose a template in that language at Trustpilot, or correct TRUSTPILOT_LOCALE.",
  );
}
