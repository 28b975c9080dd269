/** Wrong passwords: counted by one object for all isolates, and remembered by each isolate that has seen too many. */
import { ATTEMPTS_WINDOW } from "../attempts/attempts.ts";
import { callAttempts } from "../bindings/objects.ts";

/** Failures of one network within an hour. */
const MOST_FAILURES = 20;
/** Networks; an attacker must not fill the memory. */
const MOST_REMEMBERED = 10_000;

/** By network, in ms. */
const blocked = new Map<string, number>();

/** In ms; 0 when the network may try. Costs no call. */
export function blockedUntil(network: string): number {
  return blocked.get(network) ?? 0;
}

/** Never throws: a wrong password stays wrong when the count is unreachable. */
export async function countFailure(env: Env, network: string): Promise<void> {
  const failures = await callAttempts(env, (attempts) => attempts.failed(network)).catch(() => 0);
  if (failures < MOST_FAILURES) return;
  if (blocked.size >= MOST_REMEMBERED) blocked.clear();
  blocked.set(network, Date.now() + ATTEMPTS_WINDOW);
}
