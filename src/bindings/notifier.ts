/**
 * How the ledgers and the intake call for attention: "look", without saying at what. Best effort: nothing waits for it,
 * and a lost notification is covered by the next.
 */
import { readConfig } from "../config/config.ts";
import { errorName, log } from "../log.ts";
import { callAlerts } from "./objects.ts";

/** In ms. No longer than `Alerts` waits before it looks: what happens unannounced in between is seen then. */
export const BETWEEN_NOTIFICATIONS = 60_000;

export class Notifier {
  #notifiedAt: number | null = null;

  /** Never throws. Does nothing when no alerts are configured. */
  async notify(env: Env): Promise<void> {
    const checked = readConfig(env);
    if (!checked.ok || checked.config.alerts.webhookUrl === null) return;
    const now = Date.now();
    // A clock that was set back silences it no longer than that, too.
    if (this.#notifiedAt !== null && Math.abs(now - this.#notifiedAt) < BETWEEN_NOTIFICATIONS) return;
    this.#notifiedAt = now;
    try {
      await callAlerts(env, (alerts) => alerts.look());
    } catch (error) {
      this.#notifiedAt = null;
      log({ log: "alert", reason: "notification failed", error: errorName(error) }, "warn");
    }
  }
}
