/** Trustpilot's Invitations API, with its tokens: both hosts of it, under /v1. */
import { Hono, type Context } from "hono";
import { isObject, type JsonObject } from "../../src/lib/json.ts";
import { accountOf, answer, receive, type Account } from "./account.ts";
import { API_SECRET, TEMPLATES } from "./behaviour.ts";
import { BAD_REQUEST, MISSING_ROLE, TOKEN_ENDED, WRONG_CREDENTIALS } from "./faults.ts";

export const invitationsApi = new Hono();

const LIFE = 100 * 3600;

invitationsApi.post("/oauth/oauth-business-users-for-applications/accesstoken", async (c) => {
  const [key = "", secret] = atob(c.req.header("Authorization")?.replace("Basic ", "") ?? "").split(":");
  const form = await c.req.parseBody();
  const account = accountOf(key);
  account.tokens.calls++;
  const step = account.behaviour.calls?.token?.shift();
  if (step) return answer(step, 200);
  if (secret !== API_SECRET) return answer(WRONG_CREDENTIALS, 200);
  if (form["grant_type"] !== "client_credentials") return answer(BAD_REQUEST, 200);
  account.tokens.issued++;
  delete account.behaviour.revokeTokens;
  return c.json({
    access_token: `${key}.${account.tokens.issued}`,
    expires_in: account.behaviour.tokenLife ?? LIFE,
  });
});

const UNIT = "/private/business-units/:unit";

invitationsApi.post(`${UNIT}/email-invitations`, async (c) => {
  const account = authorized(c);
  if (account instanceof Promise) return account;
  const body = asObject(await c.req.json<unknown>().catch(() => null));
  const referenceId = typeof body["referenceNumber"] === "string" ? body["referenceNumber"] : null;
  const request = { path: c.req.path, origin: c.req.header("Origin") ?? null, referenceId, body };
  return receive(account, request, {
    success: 202,
    problem: problemOf(body),
    invites: hasKnownTemplates(body),
  });
});

invitationsApi.get(`${UNIT}/templates`, (c) => {
  const account = authorized(c);
  if (account instanceof Promise) return account;
  const step = account.behaviour.calls?.templates?.shift();
  return step ? answer(step, 200) : c.json({ templates: TEMPLATES });
});

invitationsApi.post(`${UNIT}/invitation-data/delete`, async (c) => {
  const account = authorized(c);
  if (account instanceof Promise) return account;
  const step = account.behaviour.calls?.erase?.shift();
  if (step) return answer(step, 200);
  const { customerEmails } = asObject(await c.req.json<unknown>().catch(() => null));
  if (!Array.isArray(customerEmails) || customerEmails.length === 0) return answer(BAD_REQUEST, 200);
  account.erased.push(...customerEmails.map(String));
  return c.body(null, 202);
});

/** The account of the token, or the answer that refuses it. */
function authorized(c: Context): Account | Promise<Response> {
  const [key, number] = (c.req.header("Authorization") ?? "").replace("Bearer ", "").split(".");
  if (key === undefined || number === undefined) return answer(TOKEN_ENDED, 200);
  const account = accountOf(key);
  const isCurrent = Number(number) === account.tokens.issued && account.behaviour.revokeTokens !== true;
  if (!isCurrent) return answer(TOKEN_ENDED, 200);
  return c.req.header("x-business-user-id") ? account : answer(MISSING_ROLE, 200);
}

/** An unknown template is accepted, and nothing becomes of it. */
function hasKnownTemplates(body: JsonObject): boolean {
  return ["serviceReviewInvitation", "productReviewInvitation"].every((kind) => {
    const { templateId } = asObject(body[kind]);
    return templateId === undefined || TEMPLATES.some(({ id }) => id === templateId);
  });
}

function problemOf(body: JsonObject): string | null {
  for (const field of ["referenceNumber", "consumerName", "consumerEmail"]) {
    if (typeof body[field] !== "string" || body[field] === "") return `${field} is required`;
  }
  if (typeof body["serviceReviewInvitation"] !== "object") return "serviceReviewInvitation is required";
  const { locale } = body;
  if (locale !== undefined && !(typeof locale === "string" && /^[a-z]{2}-[A-Z]{2}$/.test(locale)))
    return "locale is not supported";
  const service = asObject(body["serviceReviewInvitation"]);
  const product = asObject(body["productReviewInvitation"]);
  const tags = [service["tags"], product["tags"]].flat().filter((tag) => tag !== undefined);
  if (tags.some((tag) => typeof tag !== "string" || /\s/.test(tag))) return "tags must not contain spaces";
  const [first, second] = [service["preferredSendTime"], product["preferredSendTime"]].map((time) =>
    time === undefined ? undefined : Date.parse(time as string),
  );
  if (Number.isNaN(first) || Number.isNaN(second)) return "preferredSendTime is not a time";
  if (second !== undefined && !(first !== undefined && first < second))
    return "the service review invitation must be sent before the product review invitation";
  return null;
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
