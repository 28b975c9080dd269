/**
 * The shapes of the JSON interface: what the routes validate, what they answer, and what /openapi.json says about
 * both come from these schemas alone.
 */
import * as v from "valibot";
import { ACTIONS } from "../domain/actions.ts";
import { ORDER_STATES, REASONS } from "../domain/order.ts";

const Timestamp = v.pipe(v.string(), v.isoTimestamp());
const Nullable = v.nullable(Timestamp);

const Moment = v.pipe(
  v.union([v.pipe(v.string(), v.isoDate()), Timestamp]),
  v.description("A day (UTC) or a time, ISO 8601. As an end, a day includes its last moment."),
);
/** An HTML form sends an empty field as an empty string. */
const Empty = v.literal("");

export const ListQuery = v.object({
  state: v.optional(v.union([v.picklist(ORDER_STATES), Empty])),
  reason: v.optional(v.union([v.picklist(REASONS), Empty])),
  from: v.optional(v.union([Moment, Empty])),
  to: v.optional(v.union([Moment, Empty])),
  id: v.optional(v.pipe(v.string(), v.description("What the order id begins with."))),
  cursor: v.optional(v.pipe(v.string(), v.description("`next` of another page: the orders before it."))),
  newer: v.optional(v.pipe(v.string(), v.description("`previous` of another page: the orders after it."))),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(?:[1-9]\d?|100)?$/),
      v.description("1 to 100 orders a page; 25 without it."),
    ),
  ),
  format: v.optional(
    v.pipe(v.picklist(["json", "csv"]), v.description("`csv`: all orders that match, as a file.")),
  ),
});

/** What the figures of the overview cover: the last days, or all days from `first` to `last`. */
export const FiguresQuery = v.object({
  days: v.optional(v.picklist(["7", "30", "90"])),
  first: v.optional(v.union([v.pipe(v.string(), v.isoDate()), Empty])),
  last: v.optional(v.union([v.pipe(v.string(), v.isoDate()), Empty])),
});

export const OrderId = v.object({ id: v.pipe(v.string(), v.description("The order id, URL-encoded.")) });
export const OrderAction = v.object({ ...OrderId.entries, action: v.picklist(ACTIONS) });
export const Period = v.object({ from: Moment, to: Moment });

export const Pausing = v.object({
  reason: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1),
    v.maxLength(200),
    v.description("Shown to other operators. Do not name customers."),
  ),
  until: v.optional(v.union([Moment, Empty])),
  shops: v.optional(v.pipe(v.literal("all"), v.description("Pause every shop, not only this one."))),
});

export const UnknownDecision = v.object({
  ...Period.entries,
  decision: v.pipe(
    v.picklist(["mark-sent", "send-again"]),
    v.description("`send-again`: each customer may get a second invitation."),
  ),
  confirm: v.optional(
    v.pipe(v.literal("yes"), v.description("Required to send again: second invitations are accepted.")),
  ),
});

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
  history: v.array(
    v.object({
      at: Timestamp,
      what: v.picklist(["received", "undated", "duplicate", "attempt", "cancel-noted", ...ORDER_STATES]),
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
  kv: v.pipe(
    v.picklist(["answering", "silent"]),
    v.description("Without KV no order is lost: the ledgers have them all."),
  ),
  dryRun: v.boolean(),
});

export const Choices = v.object({
  message: v.string(),
  orders: v.array(
    v.object({ path: v.pipe(v.string(), v.description("Where the order is.")), ...Summary.entries }),
  ),
});
export const Problem = v.object({ message: v.string() });
export const Refused = v.object({ message: v.string(), order: Detail });
export const Resumed = v.object({ message: v.string() });
export const Paused = v.object({ message: v.string() });
export const Decided = v.object({ orders: v.pipe(v.number(), v.description("How many were decided.")) });
export const SentAgain = v.object({ orders: v.pipe(v.number(), v.description("How many are sent again.")) });
