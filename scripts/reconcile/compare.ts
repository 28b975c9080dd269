/** Fetches the orders here that the list can say something about, and judges them. */
import { DAY } from "../../src/lib/time.ts";
import type { Deployment } from "../lib/deployment.ts";
import { withCounter } from "../lib/progress.ts";
import type { InvitationList } from "./invitation-list.ts";
import { listOrders, readUnknown, type OrderHere, type UnknownOrder } from "./orders-here.ts";
import { referenceKey } from "./reference-key.ts";
import { judge, type Findings } from "./verdict.ts";

/** Orders wait here for their hold and for retries before they are invited. */
const LONGEST_WAIT = 60 * DAY;

/** @throws UserError when the orders cannot be read */
export async function compare(list: InvitationList, deployment: Deployment): Promise<Findings> {
  const from = new Date(list.first - LONGEST_WAIT).toISOString();
  const to = new Date(list.last + DAY).toISOString();
  const unknown = await reading((onPage) => listOrders(deployment, "state=unknown", onPage));
  const here = await reading((onPage) => listOrders(deployment, `from=${from}&to=${to}`, onPage));
  const detailed: UnknownOrder[] = [];
  for (const order of unknown) {
    const found = list.invitations.has(referenceKey(order.orderId))
      ? { ...order, attempts: [], canBeSent: false }
      : await readUnknown(deployment, order);
    if (found !== null) detailed.push(found);
  }
  const settled = new Set(detailed.map(({ orderId }) => orderId));
  const others = here.filter(({ orderId, state }: OrderHere) => state !== "unknown" || settled.has(orderId));
  return judge(list, others, detailed);
}

function reading<Result>(work: (onPage: (orders: number) => void) => Promise<Result>): Promise<Result> {
  return withCounter((orders) => `Reading the orders here: ${orders}`, work);
}
