/** Changes to an event before it is sent; without any, its bytes stay as they are. */
import { randomUUID } from "node:crypto";
import { UserError } from "./command.ts";

type Json = Record<string, unknown>;

/**
 * @param body an event, or an array of them, each of which is changed
 * @param sets `path=value` each; a value that is JSON is parsed, anything else is a string
 * @param fresh whether it gets a new messageId and the time `now` (ms)
 */
export function withChanges(body: string, sets: readonly string[], fresh: boolean, now: number): string {
  if (sets.length === 0 && !fresh) return body;
  const root = JSON.parse(body) as Json | Json[];
  for (const event of Array.isArray(root) ? root : [root]) {
    if (fresh) {
      event["messageId"] = randomUUID();
      for (const time of ["timestamp", "originalTimestamp", "sentAt", "receivedAt"]) {
        if (time === "timestamp" || event[time] !== undefined) event[time] = new Date(now).toISOString();
      }
    }
    for (const assignment of sets) set(event, assignment);
  }
  return JSON.stringify(root);
}

function set(event: Json, assignment: string): void {
  const [path = "", ...value] = assignment.split("=");
  const keys = path.split(".");
  if (value.length === 0 || keys.includes("")) {
    throw new UserError(
      `--set takes a path and a value, such as properties.order_id=1002, not "${assignment}".`,
    );
  }
  const last = keys.pop()!;
  let object = event;
  for (const key of keys) {
    const child = Object.hasOwn(object, key) ? object[key] : undefined;
    object = (object[key] = typeof child === "object" && child !== null ? child : {}) as Json;
  }
  object[last] = readValue(value.join("="));
}

/** An order id such as 1002 stays a string, as it is in most shops. */
function readValue(text: string): unknown {
  if (!/^(?:[[{"]|true$|false$|null$)/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
