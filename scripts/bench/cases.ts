/** What is measured: for each case the requests, and what has to be there before. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/workerd.ts";

/** An order that KV knows: the bench writes it there. */
export const KNOWN_TO_KV = "bench-known";

export interface Case {
  name: string;
  /** The least ratio ours/floor that is worth having. */
  target: number;
  /** The n-th body to send; a fixed text when all are the same. */
  body: string | ((n: number) => string);
  /** Sent once before, so that the Ledger knows it. */
  before?: string;
  /** Whether the product gives it a line of the log of its own. */
  logs?: boolean;
  /** Signed with a wrong secret. */
  forged?: boolean;
}

const sample = JSON.parse(readFileSync(join(ROOT, "examples/order-completed.json"), "utf8")) as {
  properties: Record<string, unknown>;
};

/** An order with an id of its own; `timestamp` is fresh, so that it is not too old to invite. */
export function order(orderId: string, rest: object = {}): object {
  return {
    ...sample,
    ...rest,
    timestamp: new Date().toISOString(),
    properties: { ...sample.properties, order_id: orderId },
  };
}

function page(size: number, n = 0): object {
  const event = {
    type: "page",
    messageId: `ajs-next-${n}`,
    userId: null,
    anonymousId: "507f191e810c19729de860ea",
    timestamp: new Date().toISOString(),
    context: {
      library: { name: "analytics.js", version: "next-1.81.0" },
      locale: "en-US",
      page: { path: "/" },
    },
    properties: { title: "A page", url: "https://www.example.com/" },
    integrations: {},
  };
  const filler = Math.max(0, size - JSON.stringify(event).length - 14);
  return { ...event, properties: { ...event.properties, filler: "x".repeat(filler) } };
}

/** As a source sends them: few orders, some of them known, among everything else. */
function batch(size: number): (n: number) => string {
  return (n) =>
    JSON.stringify(
      Array.from({ length: size }, (_, i) => {
        if (i % 20 === 10) return order(`batch-${run}-${n}-${i}`);
        if (i % 20 === 15) return order(KNOWN_TO_KV);
        return page(700, i);
      }),
    );
}

/** Sets the order ids of one run of the bench apart from those of the run before. */
const run = Date.now().toString(36);
let last = 0;

export const CASES: Case[] = [
  { name: "ignored page event", target: 0.9, body: JSON.stringify(page(700)) },
  { name: "ignored 13 KB event", target: 0.9, body: JSON.stringify(page(13_000)) },
  {
    name: "duplicate known to KV",
    logs: true,
    target: 0.9,
    body: JSON.stringify(order(KNOWN_TO_KV)),
  },
  {
    name: "duplicate known to the Ledger only",
    logs: true,
    target: 0.9,
    before: JSON.stringify(order("bench-held")),
    body: JSON.stringify(order("bench-held")),
  },
  { name: "new order", logs: true, target: 0.85, body: () => JSON.stringify(order(`new-${run}-${last++}`)) },
  {
    name: "batch of 100 mixed events",
    target: 0.85,
    body: batch(100),
  },
  {
    name: "batch of 1,000 mixed events",
    target: 0.85,
    body: batch(1000),
  },
  {
    name: "unauthenticated request",
    target: 0.95,
    forged: true,
    body: JSON.stringify(order("bench-forged")),
  },
];
