/** One order as GET /orders/{id} shows it. */
import { orderIdentity } from "../../src/domain/order-identity.ts";
import type { Deployment } from "./deployment.ts";
import { messageOf } from "./deployment.ts";

export interface OrderView {
  orderId: string;
  state: string;
  reason: string | null;
  /** The reason in words. */
  explanation: string | null;
  /** When a waiting order is to be sent, ISO 8601. */
  heldUntil: string | null;
  history: { at: string; what: string; reason?: string; status?: number | null; milliseconds?: number }[];
}

type OrderAnswer =
  | { kind: "order"; order: OrderView }
  /** No order with this id has been received. */
  | { kind: "not-known"; message: string }
  /** The orders cannot be read: no password, a wrong one, or an older Worker. */
  | { kind: "closed"; status: number; message: string };

export async function readOrder(deployment: Deployment, orderId: string): Promise<OrderAnswer> {
  const { password, access } = deployment.credentials;
  if (password === null && access === null) {
    return {
      kind: "closed",
      status: 401,
      message: "Its history needs STATUS_PASSWORD, in the environment or in .dev.vars.",
    };
  }
  const reply = await deployment.get(`/orders/${encodeURIComponent(orderId)}`);
  const order = reply.json as OrderView;
  // Under this id Trustpilot may know other orders than the one that is meant.
  const isOther = reply.status === 300 || (reply.status === 200 && order.orderId !== orderIdentity(orderId));
  if (reply.status === 200 && !isOther) return { kind: "order", order };
  const message = messageOf(reply);
  return reply.status === 404 || isOther
    ? { kind: "not-known", message }
    : { kind: "closed", status: reply.status, message };
}

/** Whether nothing more will happen to the order within seconds. @param now in ms */
export function isOver({ state, heldUntil }: OrderView, now: number): boolean {
  if (state === "held") return heldUntil !== null && Date.parse(heldUntil) > now + 5_000;
  return state !== "sending";
}
