/**
 * Reports rejections to the object that counts them: at most once a second from each isolate, and once a minute while
 * there are many, so that a flood of them does not use up the account's writes. No answer waits for it.
 *
 * The first is reported at once. Those within the next second go out with the next rejection, or by themselves if they
 * may bring the count to the alert's threshold.
 */
import { Notifier } from "../bindings/notifier.ts";
import { callAttempts } from "../bindings/objects.ts";
import {
  countOf,
  FEW_REJECTIONS,
  mergeRejections,
  NO_REJECTIONS,
  type RejectionKind,
  type Rejections,
} from "../domain/rejections.ts";
import { MINUTE, SECOND } from "../lib/time.ts";
import { errorName, log } from "../log.ts";
import type { WaitUntil } from "./ingest.ts";

/** Within an hour. */
const MANY = 100;

const notifier = new Notifier();
let pending: Rejections = NO_REJECTIONS;
/** No report is made before this time, in ms. */
let quietUntil = 0;
/** What all isolates had reported of the last hour at the last report. */
let known = 0;

/** @param reason words of ours, never of the request */
export function reportRejections(
  kind: RejectionKind,
  rejected: Rejections[RejectionKind],
  env: Env,
  waitUntil: WaitUntil,
): void {
  const before = known + countOf(pending);
  pending = mergeRejections([pending, { ...NO_REJECTIONS, [kind]: rejected }]);
  const wait = quietUntil - Date.now();
  // No wait is longer than a minute: then the clock was set back.
  if (wait <= 0 || wait > MINUTE) waitUntil(report(env));
  else if (wait <= SECOND && before < FEW_REJECTIONS && known + countOf(pending) >= FEW_REJECTIONS)
    waitUntil(scheduler.wait(wait).then(() => report(env)));
}

async function report(env: Env): Promise<void> {
  const reported = pending;
  known = countOf(reported);
  pending = NO_REJECTIONS;
  quietUntil = Date.now() + SECOND;
  try {
    known = countOf(await callAttempts(env, (attempts) => attempts.addRejections(reported)));
    if (known >= MANY) quietUntil = Date.now() + MINUTE;
    if (known >= FEW_REJECTIONS) await notifier.notify(env);
  } catch (error) {
    pending = mergeRejections([reported, pending]);
    log({ log: "error", error: errorName(error) }, "warn");
  }
}
