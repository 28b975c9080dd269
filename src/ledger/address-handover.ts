/** Tells all other places what deletions have found here, and tries again, ever more rarely, until they know. */
import { forgetFound } from "../bindings/forget-found.ts";
import { HOUR, MINUTE } from "../lib/time.ts";
import { errorName, log } from "../log.ts";
import type { FoundAddresses } from "./found-addresses.ts";

export class AddressHandover {
  readonly #addresses: FoundAddresses;
  readonly #workerEnv: Env;
  readonly #ledger: string;
  #running: Promise<void> | null = null;
  #failures = 0;

  /** @param workerEnv what the runtime gave the ledger: of all shops. @param ledger its name, for the log */
  constructor(addresses: FoundAddresses, workerEnv: Env, ledger: string) {
    this.#addresses = addresses;
    this.#workerEnv = workerEnv;
    this.#ledger = ledger;
  }

  /** How long to wait before the next try, in ms; `null` when there is nothing to tell. */
  get delay(): number | null {
    return this.#addresses.isPending ? Math.min(HOUR, MINUTE * 2 ** this.#failures) : null;
  }

  /** Several calls share one run. Never throws. @param env of the ledger's shop */
  async run(env: Env): Promise<void> {
    if (!this.#addresses.isPending) return;
    return (this.#running ??= this.#tell(env).finally(() => (this.#running = null)));
  }

  async #tell(env: Env): Promise<void> {
    try {
      const dropped = this.#addresses.dropOld(Date.now());
      if (dropped > 0)
        log({ log: "erasure", reason: "found addresses given up", addresses: dropped }, "error");
      await this.#addresses.handOver((found) => forgetFound(found, env, this.#workerEnv));
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      const reason = "found addresses were not told";
      log({ log: "ledger", ledger: this.#ledger, reason, error: errorName(error) }, "error");
    }
  }
}
