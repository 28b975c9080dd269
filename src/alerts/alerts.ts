/**
 * Tells the operator about problems, and when they are resolved.
 *
 * Eight ledgers find the same problem independently, so one object decides. They only notify, and the hourly Cron does;
 * it then looks at all of them, and goes on looking at intervals until all is well. Looking instead of being told costs
 * ten calls each time, and in return no report can get lost, arrive twice or late: it decides by how things stand.
 *
 * A message is remembered as sent after the webhook took it: a crash in between sends it twice, which is better
 * than not at all. A webhook that is down is asked again, with the counts of then, for a day.
 *
 * Keeps three values: `incidents`, `undelivered`, and `silences`, which the hourly Cron has found.
 */
import { DurableObject } from "cloudflare:workers";
import { shopHost } from "../config/config.ts";
import { errorName, log } from "../log.ts";
import { readShops } from "../bindings/shops.ts";
import { BETWEEN_NOTIFICATIONS } from "../bindings/notifier.ts";
import type { Incidents } from "./incidents.ts";
import type { Silence } from "../domain/silence.ts";
import { HOUR, MINUTE } from "../lib/time.ts";

/** Since when the webhook has been failing (ms), and how often. */
interface Undelivered {
  since: number;
  failures: number;
}

/** What comes within this time of the first notification goes into one message. */
const GATHER = BETWEEN_NOTIFICATIONS;
/** However often the ledgers notify. */
const BETWEEN_LOOKS = 5 * MINUTE;
const LOOK_AGAIN_AFTER_ERROR = 15 * MINUTE;
const GIVE_UP_AFTER = 24 * HOUR;

export class Alerts extends DurableObject<Env> {
  readonly #kv = this.ctx.storage.kv;
  #lookedAt: number | null = null;

  /** Something may be wrong: look soon. */
  async look(): Promise<void> {
    const soon = Date.now() + GATHER;
    await this.#wakeBy(this.#lookedAt === null ? soon : Math.max(soon, this.#lookedAt + BETWEEN_LOOKS));
  }

  /** What the Cron has found of each shop, `null` for the default one. Shops that it could not judge stay as they were. */
  observeSilences(found: ReadonlyMap<string | null, Silence | null>): void {
    const silences = this.#silences;
    const changed = [...found].filter(([shop, silence]) => silences.get(shop)?.since !== silence?.since);
    for (const [shop, silence] of changed) {
      if (silence === null) silences.delete(shop);
      else silences.set(shop, silence);
    }
    if (changed.length > 0) this.#kv.put("silences", silences);
  }

  /** Of one shop, as the Cron has found it. @param shop `null` for the default one */
  silence(shop: string | null): Silence | null {
    return this.#silences.get(shop) ?? null;
  }

  get #silences(): Map<string | null, Silence> {
    return this.#kv.get<Map<string | null, Silence>>("silences") ?? new Map<string | null, Silence>();
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#lookedAt = now;
    let next: number | null;
    try {
      next = await this.#lookAndTell(now);
    } catch (error) {
      // Thrown further, the platform would retry six times at once and then forget the alarm.
      log({ log: "alert", reason: "look failed", error: errorName(error) }, "error");
      next = now + LOOK_AGAIN_AFTER_ERROR;
    }
    if (next !== null) await this.#wakeBy(next);
  }

  /** @returns when to look again, in ms; `null` when not until the next notification */
  async #lookAndTell(now: number): Promise<number | null> {
    const checked = readShops(this.env);
    if (!checked.ok) return now + LOOK_AGAIN_AFTER_ERROR;
    const { shops } = checked;
    const [{ config }] = shops;
    const { webhookUrl, statusUrl } = config.alerts;
    if (webhookUrl === null) {
      this.#kv.delete("incidents");
      this.#kv.delete("undelivered");
      return null;
    }

    const { messageText, nextLook, noticesDue, observe, postText, settle, survey } =
      await import("./look.ts");
    const situation = await survey(shops, this.#silences, now);
    const incidents = observe(this.#kv.get<Incidents>("incidents") ?? {}, situation, now);
    this.#kv.put("incidents", incidents);
    const notices = noticesDue(incidents, now);
    if (notices.length > 0) {
      const text = messageText(notices, situation, { shop: shopHost(config), statusUrl });
      const retry = (await postText(webhookUrl, text)) ? null : this.#retryAt(now);
      if (retry !== null) return retry;
    }
    this.#kv.delete("undelivered");
    const settled = settle(incidents, notices, now);
    this.#kv.put("incidents", settled);
    return nextLook(settled, now);
  }

  /** Notes a failure. @returns when to try again, in ms; `null` to give the message up */
  #retryAt(now: number): number | null {
    const { since, failures } = this.#kv.get<Undelivered>("undelivered") ?? { since: now, failures: 0 };
    if (now - since >= GIVE_UP_AFTER) {
      log({ log: "alert", reason: "message given up" }, "error");
      return null;
    }
    this.#kv.put("undelivered", { since, failures: failures + 1 } satisfies Undelivered);
    return now + Math.min(HOUR, MINUTE * 2 ** failures);
  }

  /** Sets the alarm, unless it is set for `time` or earlier already. */
  async #wakeBy(time: number): Promise<void> {
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm > time) await this.ctx.storage.setAlarm(time);
  }
}
