/**
 * The floor that the product is measured against: the least that any implementation must do in each case, written
 * by hand, without a framework, without a line of the product, without checks of what comes in.
 *
 * Read the body, verify the HMAC with a cached key, parse, make the same number of calls to KV and to ledgers,
 * answer. Each case has its path.
 */
import { DurableObject } from "cloudflare:workers";

interface Env {
  ORDERS: KVNamespace;
  LEDGER: DurableObjectNamespace<FloorLedger>;
  SEGMENT_SHARED_SECRET: string;
  TRUSTPILOT_API_URL: string;
  TRUSTPILOT_INTEGRATION_KEY: string;
  HOLD_DAYS: string;
  /** Set: one line of log for each single event, as much as the product writes. */
  LOG?: string;
}

interface FloorEvent {
  event?: string;
  properties?: { order_id: string; email: string };
}

const LEDGERS = 8;
let key: Promise<CryptoKey> | undefined;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const body = await request.arrayBuffer();
    key ??= crypto.subtle.importKey(
      "raw",
      new TextEncoder().encode(env.SEGMENT_SHARED_SECRET),
      { name: "HMAC", hash: "SHA-1" },
      false,
      ["verify"],
    );
    const signature = Uint8Array.fromHex(request.headers.get("X-Signature") ?? "");
    if (!(await crypto.subtle.verify("HMAC", await key, signature, body))) {
      return Response.json({ message: "Not authenticated" }, { status: 401 });
    }
    if (env.LOG) console.log('{"log":"event","outcome":"ignored","type":"page","milliseconds":1}');
    const root = JSON.parse(new TextDecoder().decode(body)) as FloorEvent | FloorEvent[];
    return Array.isArray(root) ? takeBatch(root, env) : takeOne(root, env);
  },
} satisfies ExportedHandler<Env>;

async function takeOne(event: FloorEvent, env: Env): Promise<Response> {
  if (event.event !== "Order Completed") return Response.json({ outcome: "ignored" });
  const orderId = event.properties!.order_id;
  if ((await env.ORDERS.get(`order:${orderId}`)) !== null)
    return Response.json({ outcome: "duplicate", orderId });
  const [claimed] = await env.LEDGER.getByName(ledgerOf(orderId)).claim([event]);
  return Response.json({ outcome: claimed ? "accepted" : "duplicate", orderId });
}

async function takeBatch(events: FloorEvent[], env: Env): Promise<Response> {
  const orders = events.filter(({ event }) => event === "Order Completed");
  const ids = orders.map(({ properties }) => properties!.order_id);
  const known = new Set<string>();
  for (let start = 0; start < ids.length; start += 100) {
    const keys = ids.slice(start, start + 100).map((id) => `order:${id}`);
    for (const [name, value] of await env.ORDERS.get(keys)) if (value !== null) known.add(name);
  }
  const ledgers = Map.groupBy(
    orders.filter(({ properties }) => !known.has(`order:${properties!.order_id}`)),
    ({ properties }) => ledgerOf(properties!.order_id),
  );
  await Promise.all([...ledgers].map(([name, claims]) => env.LEDGER.getByName(name).claim(claims)));
  return Response.json({ events: events.map((_, index) => ({ index, outcome: "ignored" })) });
}

function ledgerOf(orderId: string): string {
  let hash = 0;
  for (let i = 0; i < orderId.length; i++) hash = (Math.imul(hash, 31) + orderId.charCodeAt(i)) >>> 0;
  return `floor-${hash % LEDGERS}`;
}

/** One row an order, one index entry for what is due, an alarm that sends six at a time and records the end. */
export class FloorLedger extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;
  #armed = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql.exec(
      `CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, due INTEGER, body TEXT) WITHOUT ROWID;
       CREATE INDEX IF NOT EXISTS due ON orders (due) WHERE due IS NOT NULL;`,
    );
  }

  async claim(events: FloorEvent[]): Promise<boolean[]> {
    const due = Date.now() + Number(this.env.HOLD_DAYS) * 86_400_000;
    const claimed = events.map(
      (event) =>
        this.#sql.exec(
          "INSERT INTO orders VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
          event.properties!.order_id,
          due,
          JSON.stringify(event),
        ).rowsWritten > 0,
    );
    if (!this.#armed && claimed.includes(true)) {
      this.#armed = true;
      await this.ctx.storage.setAlarm(due);
    }
    return claimed;
  }

  override async alarm(): Promise<void> {
    this.#armed = false;
    await Promise.all(Array.from({ length: 6 }, () => this.#lane()));
  }

  async #lane(): Promise<void> {
    for (;;) {
      const [row] = this.#sql
        .exec<{ id: string; body: string }>(
          "SELECT id, body FROM orders WHERE due <= ? ORDER BY due LIMIT 1",
          Date.now(),
        )
        .toArray();
      if (!row) return;
      this.#sql.exec("UPDATE orders SET due = ? WHERE id = ?", Date.now() + 30_000, row.id);
      const event = JSON.parse(row.body) as FloorEvent;
      const response = await fetch(
        `${this.env.TRUSTPILOT_API_URL}/${this.env.TRUSTPILOT_INTEGRATION_KEY}/invitation`,
        {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ recipientEmail: event.properties!.email, referenceId: row.id }),
        },
      );
      await response.body?.cancel();
      this.#sql.exec("UPDATE orders SET due = NULL, body = NULL WHERE id = ?", row.id);
      await this.env.ORDERS.put(`order:${row.id}`, "invited");
    }
  }
}
