/**
 * Remembers each shop ever used, with what its ledgers were started with: one small object for the Worker, outside
 * every jurisdiction so that it is found whatever the settings say. It knows no orders and no personal data.
 *
 * A ledger asks it once, before its first order: a changed LEDGERS or JURISDICTION leads to new, empty ledgers, which
 * cannot know by themselves that there are others. It also tells how to reach the ledgers of shops that were removed,
 * and when all were last exported.
 */
import { DurableObject } from "cloudflare:workers";
import type { LastExport, ShopRecord } from "../domain/shop-record.ts";

export class Registry extends DurableObject {
  readonly #kv = this.ctx.storage.kv;

  /** Records the shop unless it is known. @returns what is recorded of it */
  register(record: ShopRecord): ShopRecord {
    const key = PREFIX + (record.shop ?? "");
    const known = this.#kv.get<ShopRecord>(key);
    if (known === undefined) this.#kv.put(key, record);
    return known ?? record;
  }

  /** Every shop that ever recorded an order. */
  shops(): ShopRecord[] {
    return [...this.#kv.list<ShopRecord>({ prefix: PREFIX })].map(([, record]) => record);
  }

  /** Every ledger of every shop has just been read to its end. */
  noteExport(fenced: boolean): void {
    this.#kv.put(EXPORTED, { at: Date.now(), fenced } satisfies LastExport);
  }

  /** Under which all ledgers hash customers (FIND_BY_EMAIL). */
  customerKey(): Uint8Array {
    let key = this.#kv.get<Uint8Array>(CUSTOMER_KEY);
    if (key === undefined) this.#kv.put(CUSTOMER_KEY, (key = crypto.getRandomValues(new Uint8Array(32))));
    return key;
  }

  lastExport(): LastExport | null {
    return this.#kv.get<LastExport>(EXPORTED) ?? null;
  }
}

const PREFIX = "shop:";
const CUSTOMER_KEY = "customer-key";
const EXPORTED = "exported";
