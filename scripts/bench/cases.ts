/** What is measured: for each case the requests, and what has to be there before. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../lib/workerd.ts";

/** An order that KV knows: the bench writes it there. */
export const KNOWN_TO_KV = "bench-known";

export interface Case {
  name: string;
  /** The lowest ratio to the baseline that is good enough. */
  target: number;
  /** Fixed when all requests are the same. */
  body: string | (() => string);
  /** Sent once before, so that the Ledger knows it. */
  before?: string;
  /** How it is sent: signed with a wrong secret, with fewer connections. */
  sent?: { forged?: boolean; connections?: number };
}

const sample = JSON.parse(readFileSync(join(ROOT, "examples/order-completed.json"), "utf8")) as {
  properties: object;
};

/** An order with an id of its own, recent enough to be invited. */
export function order(orderId: string): object {
  return {
    ...sample,
    timestamp: new Date().toISOString(),
    properties: { ...sample.properties, order_id: orderId },
  };
}

function page(size: number): object {
  const event = {
    type: "page",
    messageId: "ajs-next-1",
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

/** Sets the order ids of one run of the bench apart from those of the run before. */
const run = Date.now().toString(36);
let last = 0;
const newOrder = () => order(`new-${run}-${last++}`);

/** As a source sends them: few orders, half of them known, among page views. */
function batch(size: number): () => string {
  const known = order(KNOWN_TO_KV);
  const view = page(700);
  const at = (i: number) => (i % 20 === 10 ? newOrder() : i % 20 === 15 ? known : view);
  return () => JSON.stringify(Array.from({ length: size }, (_, i) => at(i)));
}

const held = JSON.stringify(order("bench-held"));

export const CASES: readonly Case[] = [
  { name: "ignored page event", target: 0.9, body: JSON.stringify(page(700)) },
  { name: "ignored 13 KB event", target: 0.9, body: JSON.stringify(page(13_000)) },
  { name: "duplicate known to KV", target: 0.9, body: JSON.stringify(order(KNOWN_TO_KV)) },
  { name: "duplicate known to the Ledger only", target: 0.9, before: held, body: held },
  { name: "new order", target: 0.85, body: () => JSON.stringify(newOrder()) },
  { name: "batch of 100 mixed events", target: 0.85, body: batch(100), sent: { connections: 2 } },
  { name: "batch of 1,000 mixed events", target: 0.85, body: batch(1000), sent: { connections: 2 } },
  { name: "unauthenticated request", target: 0.95, body: held, sent: { forged: true } },
];
