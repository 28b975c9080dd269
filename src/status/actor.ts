/** Who is acting, for an order's history: as Cloudflare Access knows them, else the Basic user name. */
import type { Context } from "hono";
import { auth as basicCredentials } from "hono/utils/basic-auth";
import { asText } from "../lib/json.ts";
import type { StatusApp } from "./error-answer.tsx";

const MOST_CHARACTERS = 100;

/** `undefined` when nothing names them. Whether they may act, the guard has decided. */
export async function actorOf(c: Context<StatusApp>): Promise<string | undefined> {
  const { access } = c.executionCtx as ExecutionContext;
  if (!access) return asText(basicCredentials(c.req.raw)?.username, MOST_CHARACTERS);
  const identity = await access.getIdentity().catch(() => undefined);
  return asText(identity?.email ?? identity?.name, MOST_CHARACTERS);
}
