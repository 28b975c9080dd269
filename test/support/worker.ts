/** Calls the Worker with settings of the test's own, where `exports.default` has the deployed ones. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import app from "../../src/index.ts";
import type { BatchAnswer, EventAnswer } from "../../src/domain/event-answer.ts";

export const URL_OF_SEGMENT = "https://worker.example.com/segment";

/** Settings as wrangler.toml, a secret or a mistake would set them; `undefined` unsets one. */
export type Settings = { [Name in keyof Env]?: unknown } & { [Name in ShopSecret]?: unknown };

type ShopSecret = `${string}_${"UK" | "NL"}${"" | "_PREVIOUS"}`;

/** @returns the answer, after everything that it did not wait for */
export async function callWorker(request: Request, settings: Settings = {}): Promise<Response> {
  const context = createExecutionContext();
  const response = await app.fetch(request, { ...env, ...settings }, context);
  await waitOnExecutionContext(context);
  return response;
}

export type Answer = EventAnswer & Partial<BatchAnswer>;

export async function answerOf(response: Response): Promise<{ status: number } & Answer> {
  return { status: response.status, ...(await response.json<Answer>()) };
}
