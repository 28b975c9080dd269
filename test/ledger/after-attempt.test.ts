import { describe, expect, it } from "vitest";
import type { OrderState, Reason } from "../../src/domain/order.ts";
import { afterAnswer, afterLoss, type Circumstances } from "../../src/ledger/after-attempt.ts";
import type { Answer, Verdict } from "../../src/trustpilot/answer.ts";
import { type Change, type OrderRow, OPERATOR_TIME } from "../../src/domain/row.ts";

const NOW = 1_000_000;
const WAIT: Circumstances = { now: NOW, random: 0, onUnknown: "wait" };
const RESEND: Circumstances = { ...WAIT, onUnknown: "resend" };
/** With `random: 0` the jitter is at its least. */
const LEAST_WAIT = 1000;

/** A leased row. @param noted the cancellation that came while the request was out */
function leased(noted: Reason | null): OrderRow {
  return {
    orderId: "1001",
    state: "sending",
    reason: noted,
    received: 1,
    updated: 2,
    due: 3,
    since: 1,
    attempts: 2,
    resends: 0,
    sentOrderId: null,
    refunds: null,
    notedFor: null,
    erased: null,
    history: [],
    personal: {
      orderId: "1001",
      email: "jane@example.com",
      name: "Jane Doe",
      total: 10,
      currency: "EUR",
      products: [],
      customer: {},
      orderedAt: null,
    },
  };
}

const answer = (verdict: Verdict): Answer => ({ status: null, milliseconds: 5, ...verdict });
const erased = (state: OrderState, reason: Reason | null): Change => ({
  state,
  reason,
  due: null,
  since: null,
  personal: null,
});
const kept = (state: OrderState, reason: Reason): Change => ({ state, reason, due: NOW + OPERATOR_TIME });
const later = (wait: number): Change => ({ state: "held", due: NOW + wait });

const created = answer({ kind: "created" });
const refused = answer({ kind: "refused", reason: "trustpilot_refused" });
const redirected = answer({ kind: "accessRefused", reason: "trustpilot_redirect" });
const askedTwice = answer({ kind: "refused", reason: "trustpilot_second_202" });
const ambiguous = answer({ kind: "ambiguous" });
const transient = answer({ kind: "transient", retryAfter: null });
const busy = answer({ kind: "transient", retryAfter: 90_000 });
const blocked = answer({ kind: "blocked", hosts: [] });
const noResponse = answer({ kind: "noResponse" });
const accessRefused = answer({ kind: "accessRefused", reason: "trustpilot_refused" });
const accountRefused = answer({ kind: "accountRefused", problem: "role_or_plan" });
const notReached = answer({ kind: "notReached" });
const refusedAgain = answer({ kind: "accountRefused", problem: "accessRefused" });

const UNCOUNTED: Change = { state: "held", due: NOW, attempts: 1 };

describe("after an answer, an order", () => {
  it.each<[string, Answer, Circumstances, Change]>([
    ["is invited when the invitation was created", created, WAIT, erased("invited", null)],
    ["has failed when it was refused", refused, WAIT, kept("failed", "trustpilot_refused")],
    ["has failed when the answer was a redirect", redirected, WAIT, kept("failed", "trustpilot_redirect")],
    [
      "has failed when products were asked for twice",
      askedTwice,
      WAIT,
      kept("failed", "trustpilot_second_202"),
    ],
    ["has failed whatever ON_UNKNOWN says", refused, RESEND, kept("failed", "trustpilot_refused")],
    ["is unknown when ambiguous", ambiguous, WAIT, kept("unknown", "trustpilot_unconfirmed")],
    [
      "is unknown when ambiguous, also with resend",
      ambiguous,
      RESEND,
      kept("unknown", "trustpilot_unconfirmed"),
    ],
    ["waits with backoff when the fault passes", transient, WAIT, later(LEAST_WAIT)],
    ["waits as long as the server asked", busy, WAIT, later(90_000)],
    ["is unknown when the answer got lost", noResponse, WAIT, kept("unknown", "no_answer")],
    [
      "waits for another try when it got lost, with resend",
      noResponse,
      RESEND,
      { ...later(LEAST_WAIT), resends: 1 },
    ],
    ["is held back, uncounted, when the account was refused", accountRefused, WAIT, UNCOUNTED],
    ["is held back, uncounted, when nothing was sent", notReached, RESEND, UNCOUNTED],
    ["has failed when access was refused", accessRefused, WAIT, kept("failed", "trustpilot_refused")],
    [
      "is held back, uncounted, when others have failed for a refused access",
      refusedAgain,
      WAIT,
      { state: "held", due: NOW, attempts: 1 },
    ],
    [
      "is held back, uncounted, when the shop is blocked",
      blocked,
      WAIT,
      { state: "held", due: NOW, attempts: 1 },
    ],
  ])("%s", (_, given, circumstances, change) => {
    expect(afterAnswer(leased(null), given, circumstances)).toEqual(change);
  });
});

describe("after an answer, an order that was cancelled while the request was out", () => {
  it.each<[string, Answer, Circumstances, Change]>([
    ["is invited all the same when the invitation was created", created, WAIT, erased("invited", null)],
    [
      "has failed without a second try, and without personal data",
      refused,
      WAIT,
      erased("failed", "trustpilot_refused"),
    ],
    [
      "is unknown without a second try when ambiguous",
      ambiguous,
      WAIT,
      erased("unknown", "trustpilot_unconfirmed"),
    ],
    ["is cancelled when nothing was sent", notReached, WAIT, erased("cancelled", "order_cancelled")],
    ["is cancelled instead of tried again", transient, WAIT, erased("cancelled", "order_cancelled")],
    [
      "is cancelled instead of tried when the server is ready",
      busy,
      WAIT,
      erased("cancelled", "order_cancelled"),
    ],
    [
      "is unknown without a second try when the answer got lost",
      noResponse,
      WAIT,
      erased("unknown", "no_answer"),
    ],
    ["is unknown, not cancelled, also with resend", noResponse, RESEND, erased("unknown", "no_answer")],
    [
      "is cancelled instead of held back when access is refused",
      refusedAgain,
      WAIT,
      erased("cancelled", "order_cancelled"),
    ],
    [
      "is cancelled instead of held back when the shop is blocked",
      blocked,
      WAIT,
      erased("cancelled", "order_cancelled"),
    ],
  ])("%s", (_, given, circumstances, change) => {
    expect(afterAnswer(leased("order_cancelled"), given, circumstances)).toEqual(change);
  });

  it.each<Reason>(["order_cancelled", "order_refunded", "customer_deleted", "operator"])(
    "keeps %s as the reason",
    (reason) => {
      expect(afterAnswer(leased(reason), transient, WAIT)).toEqual(erased("cancelled", reason));
    },
  );
});

describe("after an interruption, an order", () => {
  it("is unknown: the request may have been sent", () => {
    expect(afterLoss(leased(null), "interrupted", WAIT)).toEqual(kept("unknown", "interrupted"));
  });

  it("waits for another try with resend", () => {
    expect(afterLoss(leased(null), "interrupted", RESEND)).toEqual({ ...later(LEAST_WAIT), resends: 1 });
  });

  it.each([
    [1, { ...later(LEAST_WAIT), resends: 2 }],
    [2, kept("unknown", "interrupted")],
    [3, kept("unknown", "interrupted")],
  ])("that was sent again %i times already is sent again twice at most", (resends, change) => {
    expect(afterLoss({ ...leased(null), resends }, "interrupted", RESEND)).toEqual(change);
  });
});

it("an order whose request was never sent does not count the attempt", () => {
  expect(afterAnswer(leased(null), notReached, WAIT)).toEqual({ state: "held", due: NOW, attempts: 1 });
});
