/**
 * How the ledgers call for attention: "have a look", without saying at what. Nothing waits for it and nothing
 * depends on it: who rings goes on at once, and a ring that gets lost is made up for by the next.
 */
import { readConfig } from "../config/config.ts";
import { errorName, log } from "../log.ts";
import { ALERTS_NAME } from "./names.ts";

/** In ms. No longer than `Alerts` waits before it looks: what happens unrung in between is seen then. */
export const BETWEEN_RINGS = 60_000;

export class Bell {
  #rungAt: number | null = null;

  /** Never throws. Does nothing when no alerts are wanted. */
  async ring(env: Env): Promise<void> {
    const checked = readConfig(env);
    if (!checked.ok || checked.config.alerts === null) return;
    const now = Date.now();
    if (this.#rungAt !== null && now - this.#rungAt < BETWEEN_RINGS) return;
    this.#rungAt = now;
    try {
      await env.ALERTS.getByName(ALERTS_NAME).look();
    } catch (error) {
      this.#rungAt = null;
      log({ log: "alert", reason: "ring not heard", error: errorName(error) }, "warn");
    }
  }
}
