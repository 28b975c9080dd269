/**
 * Which ledger an object is. An object that is woken by its id, as by an alarm, may not be told its name; without it,
 * a shop's order would be sent with the default shop's key. So the name is stored at the first start.
 */
import { callRegistry } from "../bindings/objects.ts";
import { shopOfName } from "../bindings/scope.ts";
import { readLeniently } from "../config/config.ts";
import { conflictOf, FORMAT, type ShopRecord } from "../domain/shop-record.ts";

export class Identity {
  /** Empty when the object has never been told. */
  readonly name: string;
  readonly #kv: SyncKvStorage;
  readonly #configured: ShopRecord;
  #recorded: ShopRecord | null;
  #whyClosed: string | null;

  /** @param env the Worker's own, not a shop's @param hasOrders whether the ledger has ever recorded one */
  constructor({ id, storage: { kv } }: DurableObjectState, env: Env, hasOrders: boolean) {
    this.#kv = kv;
    this.name = storedName(kv) ?? id.name ?? "";
    this.#recorded = kv.get<ShopRecord>("setup") ?? null;
    const { ledgers, jurisdiction } = readLeniently(env).storage;
    this.#configured = { shop: shopOfName(this.name), ledgers, jurisdiction, format: FORMAT };
    this.#whyClosed =
      this.#wrongName(id.name, hasOrders) ?? (this.#recorded && conflictOf(this.#recorded, this.#configured));
    if (this.#whyClosed === null) kv.put("name", this.name);
  }

  /** Why the ledger must not work, with what to do; `null` when nothing keeps it from working. */
  get whyClosed(): string | null {
    return this.#whyClosed;
  }

  /** Whether the registry has been asked. */
  get isRegistered(): boolean {
    return this.#recorded !== null;
  }

  /** Before the first order. @throws when the registry cannot be reached */
  async register(env: Env): Promise<void> {
    const recorded = await callRegistry(env, (registry) => registry.register(this.#configured));
    this.#whyClosed ??= conflictOf(recorded, this.#configured);
    if (this.#whyClosed !== null) return;
    this.#recorded = recorded;
    this.#kv.put("setup", recorded);
  }

  #wrongName(given: string | undefined, hasOrders: boolean): string | null {
    if (given !== undefined && given !== this.name)
      return `It was started as ${this.name} and is now called ${given}. Deploy the version before.`;
    if (this.name === "") return "It was woken by its id and has never been told its name.";
    if (hasOrders && storedName(this.#kv) === null)
      return "It has orders but has never stored its name. Restore the storage that belongs to it.";
    return null;
  }
}

function storedName(kv: SyncKvStorage): string | null {
  return kv.get<string>("name") ?? null;
}

/** The name of the object, also when it is woken by its id; `null` when it has never been told. */
export function nameOf({ id, storage: { kv } }: DurableObjectState): string | null {
  return storedName(kv) ?? id.name ?? null;
}
