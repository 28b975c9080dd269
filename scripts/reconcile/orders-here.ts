/** The orders that the Worker has, by its JSON interface. */
import { setTimeout as sleep } from "node:timers/promises";
import { readRetryAfter } from "../../src/trustpilot/retry-after.ts";
import { waitAfter } from "../backfill/deliver.ts";
import { UserError } from "../lib/command.ts";
import { messageOf, Unreachable, type Deployment, type Reply } from "../lib/deployment.ts";

export interface OrderHere {
  orderId: string;
  state: string;
  reason: string | null;
  /** In ms. */
  updated: number;
}

/** An `unknown` order with what its history says. */
export interface UnknownOrder extends OrderHere {
  /** When a request for it may have been with Trustpilot, in ms. */
  attempts: { from: number; to: number }[];
  /** Whether it still has what a second try needs. */
  canBeSent: boolean;
}

interface Summary {
  orderId: string;
  state: string;
  reason: string | null;
  updated: string;
}

interface Detail extends Summary {
  attempts: number;
  actions: string[];
  history: { at: string; what: string; reason?: string; milliseconds?: number }[];
}

/** @param query such as `state=unknown` @param onPage is told how many have been read @throws UserError */
export async function listOrders(
  deployment: Deployment,
  query: string,
  onPage: (orders: number) => void,
): Promise<OrderHere[]> {
  const orders: OrderHere[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const after: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const reply = await patiently(() => deployment.get(`/orders?${query}&limit=100${after}`));
    if (reply.status !== 200)
      throw new UserError(`The orders cannot be read: ${reply.status} ${messageOf(reply)}`);
    const page = reply.json as { orders: Summary[]; next: string | null };
    for (const { orderId, state, reason, updated } of page.orders)
      orders.push({ orderId, state, reason, updated: Date.parse(updated) });
    cursor = page.next;
    onPage(orders.length);
  }
  return orders;
}

/** @returns `null` when the order is no longer unknown */
export async function readUnknown(deployment: Deployment, order: OrderHere): Promise<UnknownOrder | null> {
  const reply = await patiently(() => deployment.get(`/orders/${encodeURIComponent(order.orderId)}`));
  const detail = reply.json as Detail | null;
  if (reply.status !== 200 || detail?.state !== "unknown") return null;
  return { ...order, attempts: attemptsOf(detail), canBeSent: detail.actions.includes("send-again") };
}

/** A request that was interrupted was sent at some time after what happened before. */
function attemptsOf({ history, attempts }: Detail): UnknownOrder["attempts"] {
  const entries = history.filter(({ what }) => what !== "duplicate");
  const times = entries.flatMap(({ at, what, reason, milliseconds = 0 }, index) => {
    if (what !== "attempt") return [];
    const before = entries[index - 1]?.at ?? at;
    const from = reason === "interrupted" ? Date.parse(before) : Date.parse(at) - milliseconds;
    return [{ from, to: Date.parse(at) }];
  });
  // Of a very long history the middle is not kept.
  if (times.length >= attempts || times.length === 0) return times;
  return [{ from: Date.parse(entries[0]!.at), to: times.at(-1)!.to }];
}

const ATTEMPTS = 8;

/** Tries again while the Worker has no time or cannot be reached. @throws UserError after some minutes */
export async function patiently(call: () => Promise<Reply>): Promise<Reply> {
  for (let attempt = 1; ; attempt++) {
    const reply = await call().catch((error: unknown) => {
      if (error instanceof Unreachable) return error;
      throw error;
    });
    if (!(reply instanceof Unreachable) && reply.status !== 429 && reply.status !== 503) return reply;
    const asked =
      reply instanceof Unreachable ? null : readRetryAfter(reply.header("Retry-After"), Date.now());
    if (attempt === ATTEMPTS) {
      throw new UserError(
        reply instanceof Unreachable ? reply.message : `${reply.status} ${messageOf(reply)}`,
      );
    }
    await sleep(waitAfter(attempt, asked, Math.random()));
  }
}
