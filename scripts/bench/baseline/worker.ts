/**
 * The hand-written minimum that the product is measured against: the least that any implementation must do in each
 * case, without a framework, without a line of the product, without a log, without checks of what comes in.
 *
 * Read the body, verify the HMAC with a cached key, parse, make the same number of calls to KV and to ledgers, answer.
 */
import { DurableObject } from "cloudflare:workers";

interface Env {
  ORDERS: KVNamespace;
  LEDGER: DurableObjectNamespace<BaselineLedger>;
  SEGMENT_SHARED_SECRET: string;
  TRUSTPILOT_API_URL: string;
  TRUSTPILOT_INTEGRATION_KEY: string;
  HOLD_DAYS: string;
}

interface Event {
  event?: string;
  properties: { order_id: string; email: string };
}

const SHA1 = { name: "HMAC", hash: "SHA-1" };
let key: Promise<CryptoKey> | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const body = await request.arrayBuffer();
    const secret = new TextEncoder().encode(env.SEGMENT_SHARED_SECRET);
    key ??= crypto.subtle.importKey("raw", secret, SHA1, false, ["verify"]);
    const signature = Uint8Array.fromHex(request.headers.get("X-Signature") ?? "");
    if (!(await crypto.subtle.verify("HMAC", await key, signature, body))) {
      return Response.json({ message: "Not authenticated" }, { status: 401 });
    }
    const root = JSON.parse(new TextDecoder().decode(body)) as Event | Event[];
    return Array.isArray(root) ? recordBatch(root, env) : recordOne(root, env);
  },
} satisfies ExportedHandler<Env>;

async function recordOne(event: Event, env: Env): Promise<Response> {
  if (event.event !== "Order Completed") return Response.json({ outcome: "ignored" });
  const orderId = event.properties.order_id;
  const known = await env.ORDERS.get(`order:${orderId}`);
  const claimed = known === null && (await env.LEDGER.getByName(ledgerOf(event)).claim([event]))[0];
  return Response.json({ outcome: claimed ? "accepted" : "duplicate", orderId });
}

async function recordBatch(events: Event[], env: Env): Promise<Response> {
  const orders = events.filter(({ event }) => event === "Order Completed");
  const keys = orders.map(({ properties }) => `order:${properties.order_id}`);
  const known = new Map<string, string | null>();
  for (let start = 0; start < keys.length; start += 100) {
    for (const [name, value] of await env.ORDERS.get(keys.slice(start, start + 100))) known.set(name, value);
  }
  const unknown = orders.filter((_, index) => known.get(keys[index]!) === null);
  const calls = [...Map.groupBy(unknown, ledgerOf)].map(([name, some]) =>
    env.LEDGER.getByName(name).claim(some),
  );
  await Promise.all(calls);
  return Response.json({ events: events.map((_, index) => ({ index, outcome: "ignored" })) });
}

function ledgerOf({ properties: { order_id } }: Event): string {
  let hash = 0;
  for (let i = 0; i < order_id.length; i++) hash = (Math.imul(hash, 31) + order_id.charCodeAt(i)) >>> 0;
  return `baseline-${hash % 8}`;
}

/** One row an order, one index entry for what is due, an alarm that sends six at a time and records the end. */
export class BaselineLedger extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  #armed = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, due INTEGER, body TEXT) WITHOUT ROWID;
       CREATE INDEX IF NOT EXISTS due ON orders (due) WHERE due IS NOT NULL;`,
    );
  }

  async claim(events: Event[]): Promise<boolean[]> {
    const due = Date.now() + Number(this.env.HOLD_DAYS) * 86_400_000;
    const insert = "INSERT INTO orders VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    const claimed = events.map(
      (event) =>
        this.#sql.exec(insert, event.properties.order_id, due, JSON.stringify(event)).rowsWritten > 0,
    );
    if (!this.#armed && claimed.includes(true)) {
      this.#armed = true;
      await this.ctx.storage.setAlarm(due);
    }
    return claimed;
  }

  override async alarm(): Promise<void> {
    this.#armed = false;
    await Promise.all(Array.from({ length: 6 }, () => this.#send()));
  }

  async #send(): Promise<void> {
    const next = "SELECT id, body FROM orders WHERE due <= ? ORDER BY due LIMIT 1";
    for (;;) {
      const [row] = this.#sql.exec<{ id: string; body: string }>(next, Date.now()).toArray();
      if (!row) return;
      this.#sql.exec("UPDATE orders SET due = ? WHERE id = ?", Date.now() + 30_000, row.id);
      const { properties } = JSON.parse(row.body) as Event;
      const url = `${this.env.TRUSTPILOT_API_URL}/${this.env.TRUSTPILOT_INTEGRATION_KEY}/invitation`;
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ recipientEmail: properties.email, referenceId: row.id }),
      });
      await response.body?.cancel();
      this.#sql.exec("UPDATE orders SET due = NULL, body = NULL WHERE id = ?", row.id);
      await this.env.ORDERS.put(`order:${row.id}`, "invited");
    }
  }
}
