/** What the routes of the JSON interface say of their answers, and of requests that are not valid. */
import type { Context } from "hono";
import { resolver } from "hono-openapi";
import type { GenericSchema } from "valibot";

/** For /openapi.json. */
export function answer(description: string, schema: GenericSchema) {
  return { description, content: { "application/json": { schema: resolver(schema) } } };
}

type Validation = { success: boolean; error?: readonly { message: string; path?: unknown }[] };

/** Names the field that is wrong. */
export function explainInvalid(result: Validation, c: Context): Response | undefined {
  if (result.success) return undefined;
  const [issue] = result.error ?? [];
  const path = Array.isArray(issue?.path) ? issue.path : [];
  const fields = path.map((item: unknown) => String((item as { key?: unknown }).key ?? item)).join(".");
  return c.json(
    { message: `${fields || "The request"} is invalid: ${issue?.message ?? "see /openapi.json"}` },
    400,
  );
}
