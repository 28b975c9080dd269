/** What the JSON interface answers, as /openapi.json describes it. Only types of it are in the Worker. */
import * as v from "valibot";
import { ACTIONS } from "../domain/actions.ts";
import { ORDER_STATES, REASONS } from "../domain/order.ts";

const Timestamp = v.pipe(v.string(), v.isoTimestamp());
const Nullable = v.nullable(Timestamp);

const State = v.pipe(
  v.picklist(ORDER_STATES),
  v.description("`failed`: not created. `unknown`: it may have been created."),
);

export const Summary = v.object({
  orderId: v.string(),
  state: State,
  reason: v.nullable(v.picklist(REASONS)),
  explanation: v.pipe(v.nullable(v.string()), v.description("The reason in plain words.")),
  received: v.pipe(Nullable, v.description("`null`: cancelled before it arrived.")),
  updated: Timestamp,
  heldUntil: v.pipe(Nullable, v.description("When a waiting order is to be sent.")),
  attempts: v.number(),
});

export const Page = v.object({
  orders: v.array(Summary),
  next: v.pipe(v.nullable(v.string()), v.description("`cursor` of the next page; `null` on the last.")),
  previous: v.pipe(v.nullable(v.string()), v.description("`newer` of the page before; `null` on the first.")),
  matching: v.pipe(
    v.object({ count: v.number(), more: v.boolean() }),
    v.description("How many orders match on all pages; with `more`, at least so many."),
  ),
});

export const Detail = v.object({
  ...Summary.entries,
  sentOrderId: v.pipe(
    v.nullable(v.string()),
    v.description("The id as the sender wrote it; `null` when it does not differ."),
  ),
  waitingFor: v.pipe(
    v.nullable(v.string()),
    v.description("What set the time for which a waiting order waits."),
  ),
  reviews: v.pipe(
    v.array(
      v.object({
        of: v.picklist(["service", "product"]),
        stars: v.pipe(v.number(), v.description("1 to 5.")),
        language: v.nullable(v.string()),
        at: Timestamp,
      }),
    ),
    v.description("The order's reviews at Trustpilot, the latest first."),
  ),
  history: v.array(
    v.object({
      at: Timestamp,
      what: v.picklist([
        "received",
        "undated",
        "address-in-id",
        "duplicate",
        "attempt",
        "cancel-noted",
        ...ORDER_STATES,
      ]),
      reason: v.optional(v.picklist(REASONS)),
      status: v.optional(v.pipe(v.nullable(v.number()), v.description("Trustpilot's; `null`: no answer."))),
      milliseconds: v.optional(v.number()),
      message: v.optional(
        v.pipe(v.string(), v.description("What Trustpilot said, without the customer's name and address.")),
      ),
      by: v.optional(v.pipe(v.string(), v.description("Who acted."))),
    }),
  ),
  trustpilotMessage: v.pipe(
    v.nullable(v.string()),
    v.description("What Trustpilot said last, without the customer's name and address."),
  ),
  invitation: v.pipe(
    v.nullable(v.record(v.string(), v.unknown())),
    v.description("What would be sent, without personal data; `null` once it is erased."),
  ),
  actions: v.pipe(v.array(v.picklist(ACTIONS)), v.description("What may be done with the order now.")),
});

export const Overview = v.object({
  attention: v.pipe(
    v.array(
      v.object({
        level: v.pipe(
          v.picklist(["act", "watch"]),
          v.description("`act`: someone has to act. `watch`: it passes by itself, unless it lasts."),
        ),
        title: v.string(),
        next: v.pipe(v.string(), v.description("What to do.")),
        details: v.pipe(
          v.array(v.string()),
          v.description("What it is made up of, such as Trustpilot's words."),
        ),
        until: v.pipe(Nullable, v.description("Until when it lasts by itself.")),
      }),
    ),
    v.description("What needs attention now, the worst first."),
  ),
  open: v.pipe(
    v.record(v.picklist(ORDER_STATES), v.optional(v.number())),
    v.description("Open orders by state."),
  ),
  allowance: v.pipe(
    v.nullable(v.object({ used: v.number(), limit: v.number() })),
    v.description("This month's invitations; `null` without MONTHLY_LIMIT."),
  ),
  erasures: v.pipe(
    v.nullable(v.object({ waiting: v.number(), erased: v.number(), byHand: v.number() })),
    v.description(
      "Addresses of deleted customers that Trustpilot has to erase and has taken to erase, and customers whom only a person can erase; `null` where TRANSPORT cannot erase.",
    ),
  ),
  oldestWait: v.pipe(Nullable, v.description("Since when the order that waits for longest has been due.")),
  breaker: v.pipe(
    v.nullable(v.object({ failure: v.string(), failures: v.number(), since: Timestamp, until: Timestamp })),
    v.description(
      "What Trustpilot fails with; open `until` then, tested afterwards. `null` while it answers.",
    ),
  ),
  storage: v.pipe(
    v.object({ bytes: v.number(), fullest: v.number(), fullInYears: v.nullable(v.number()) }),
    v.description(
      "All ledgers together, the largest one of at most 10 GB, and when that is full at this week's rate.",
    ),
  ),
  kv: v.pipe(
    v.picklist(["answering", "silent"]),
    v.description("Without KV no order is lost: the ledgers have them all."),
  ),
  dryRun: v.boolean(),
  backup: v.pipe(
    v.optional(v.nullable(v.object({ at: Timestamp, fenced: v.boolean() }))),
    v.description("The last complete export; `null` before the first one, absent without LEDGER_SECRET."),
  ),
});

export const Choices = v.object({
  message: v.string(),
  orders: v.array(
    v.object({ path: v.pipe(v.string(), v.description("Where the order is.")), ...Summary.entries }),
  ),
});
export const Found = v.object({ orders: Choices.entries.orders });
export const Problem = v.object({ message: v.string() });
export const NotAllowed = v.object({ message: v.string(), order: Detail });
export const Resumed = v.object({ message: v.string() });
export const Paused = v.object({ message: v.string() });
export const Decided = v.object({ orders: v.pipe(v.number(), v.description("How many were decided.")) });
export const SentAgain = v.object({ orders: v.pipe(v.number(), v.description("How many are sent again.")) });
