import { errorName, log } from "../log.ts";

const TIMEOUT = 10_000;

/**
 * Posts `text` to a Slack-compatible webhook. Never throws; the address is a secret and appears nowhere.
 *
 * @returns whether the receiver took it: any 2xx. A redirect is none, and is not followed.
 */
export async function postText(webhookUrl: string, text: string): Promise<boolean> {
  try {
    const response = await fetch(webhookUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text }),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    response.body?.cancel().catch(() => {});
    if (!response.ok) log({ log: "alert", reason: "webhook refused", status: response.status }, "error");
    return response.ok;
  } catch (error) {
    log({ log: "alert", reason: "webhook not reached", error: errorName(error) }, "error");
    return false;
  }
}
