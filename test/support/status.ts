/** Looks at the status page and puts orders into the ledgers, inside the runtime. */
import {
  createExecutionContext,
  evictDurableObject,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import app from "../../src/index.ts";
import type { Order } from "../../src/domain/order.ts";
import type { Pause } from "../../src/domain/pause.ts";
import { ledgerName } from "./shard.ts";
import { Database } from "../../src/ledger/database.ts";
import { OrderTable } from "../../src/ledger/table.ts";
import type { OrderRow } from "../../src/domain/row.ts";

export const PASSWORD = "the password of the tests";
export const ORIGIN = "https://worker.example.com";

export interface Look {
  method?: string;
  headers?: Record<string, string>;
  body?: BodyInit;
  /** Without it the right password is sent; `null` sends none. */
  password?: string | null;
  user?: string;
  env?: Partial<Env>;
  /** What the runtime says of Cloudflare Access. */
  access?: CloudflareAccessContext;
}

/** Asks the Worker, with the password and from an address of its own. */
export async function look(path: string, options: Look = {}): Promise<Response> {
  const { method = "GET", headers = {}, body, password = PASSWORD, user = "anybody", access } = options;
  const request = new Request(ORIGIN + path, {
    method,
    redirect: "manual",
    headers: {
      "CF-Connecting-IP": `address ${crypto.randomUUID()}`,
      ...(password !== null && { Authorization: basic(user, password) }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  const context = createExecutionContext();
  if (access) Object.defineProperty(context, "access", { value: access });
  const response = await app.fetch(request, { ...env, STATUS_PASSWORD: PASSWORD, ...options.env }, context);
  await waitOnExecutionContext(context);
  return response;
}

export async function lookJson<Body>(path: string, options?: Look): Promise<Body> {
  return (await look(path, options)).json<Body>();
}

export function basic(user: string, password: string): string {
  return `Basic ${new TextEncoder().encode(`${user}:${password}`).toBase64()}`;
}

/** The names and addresses in here must never be seen. */
export const CUSTOMER = {
  email: "secret.person@example.net",
  name: "Secretname Secretsurname",
  customer: { userId: "secret-user", anonymousId: "secret-anonymous", email: "secret.person@example.net" },
};

export function personalOf(orderId: string): Order {
  return {
    orderId,
    ...CUSTOMER,
    total: 20,
    currency: "EUR",
    products: [{ productId: "mug-1", name: "Stoneware mug" }],
    orderedAt: null,
  };
}

/** Puts an order into its ledger as it is, without anybody noticing. */
export async function putOrder(
  row: Partial<OrderRow> & Pick<OrderRow, "orderId">,
  shopPrefix = "",
): Promise<void> {
  const now = Date.now();
  const complete: OrderRow = {
    state: "invited",
    reason: null,
    received: now,
    updated: now,
    due: null,
    since: null,
    attempts: 0,
    resends: 0,
    sentOrderId: null,
    refunds: null,
    notedFor: null,
    erased: null,
    history: [{ at: now, what: "received" }],
    personal: null,
    ...row,
  };
  await runInDurableObject(env.LEDGER.getByName(shopPrefix + ledgerName(row.orderId)), (_, { storage }) => {
    new OrderTable(new Database(storage)).insert(complete);
  });
}

/** Makes a ledger pause as if it had found the reason itself. */
export async function pauseLedger(name: string, pause: Pause): Promise<void> {
  const ledger = env.LEDGER.getByName(name);
  await runInDurableObject(ledger, (_, { storage }) => {
    if (pause.kind === "outage") storage.kv.put("breaker", { ...pause, unanswered: 0, refusals: 0 });
    else storage.kv.put("pauses", [pause]);
  });
  await evictDurableObject(ledger);
}
