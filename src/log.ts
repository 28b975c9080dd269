/**
 * Log lines: one JSON object a line, so that `wrangler tail` stays readable and Workers Logs can filter by field.
 *
 * The type is the guard: there is no field in which an e-mail, a name or a key could travel, and no free text
 * that comes from an event or from an error. What Trustpilot says is masked before it gets here.
 */
import type { OrderState } from "./domain/order.ts";
import type { Outcome } from "./domain/event-answer.ts";
import { holdsAddress, maskAddresses } from "./lib/mask.ts";
import { VERSION } from "./version.ts";

export type LogLine =
  | { log: "start"; version: string }
  | {
      log: "event";
      outcome: Outcome;
      type: string;
      orderId: string | undefined;
      shop: string | undefined;
      /** The whole request's. */
      milliseconds: number;
      note?: string;
    }
  /** Of one request, when there are many. `examples`: their places in the batch. */
  | { log: "rejected"; events: number; reasons: Record<string, number>; examples: number[] }
  /** `done`: what the path does not say. */
  | { log: "action"; path: string; status: number; done?: string; shop?: string; user?: string }
  | { log: "request"; status: number; reason: string; events?: number; suppressed?: number }
  | {
      log: "delivery";
      orderId: string;
      shop?: string;
      state: OrderState;
      attempt: number;
      status: number | null;
      milliseconds: number;
      reason?: string;
      /** What Trustpilot said, without personal data. */
      message?: string;
      /** When it is tried again, ISO 8601. */
      next?: string;
    }
  | { log: "dry-run"; orderId: string; invitation: object }
  | {
      log: "ledger";
      ledger: string;
      reason: string;
      orderId?: string;
      until?: string;
      orders?: number;
      error?: string;
    }
  | { log: "allowance"; used: number; limit: number }
  /** Of customers at Trustpilot. */
  | {
      log: "erasure";
      reason: string;
      shop?: string;
      addresses?: number;
      status?: number | null;
      error?: string;
    }
  | { log: "alert"; reason: string; status?: number; error?: string }
  | { log: "kv"; reason: string; error: string }
  | { log: "config"; problems: string[] }
  | { log: "error"; error: string };

export function log(line: LogLine, level: "log" | "warn" | "error" = "log"): void {
  console[level](textOf(line));
}

/** One line, without addresses. */
export function textOf(line: LogLine): string {
  const text = JSON.stringify(line);
  // A shop that builds order ids from e-mail addresses must not find them in its logs.
  return holdsAddress(text) ? JSON.stringify(line, masked) : text;
}

/** Says once in each isolate which version is at work: after a deploy both may be, for some seconds. */
export function announce(): void {
  if (announced) return;
  announced = true;
  log({ log: "start", version: VERSION });
}

let announced = false;

/** Only the class of an error: messages of parsers and runtimes may quote the data they failed on. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function masked(_: string, value: unknown): unknown {
  return typeof value === "string" ? maskAddresses(value) : value;
}
