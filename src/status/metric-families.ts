/** What the ledgers count, as Prometheus names it. Pure. docs/metrics.md says what each number means and what resets it. */
import { BOUNDS, sumCounts, type Counts } from "../domain/answer-counts.ts";
import type { RejectionTotals } from "../domain/rejections.ts";
import { earliest, latest } from "../domain/troubles.ts";
import { SECOND } from "../lib/time.ts";
import type { LedgerMetrics } from "../ledger/ledger-report.ts";
import { numberOf, type Family, type Sample } from "./exposition.ts";

export interface ShopMetrics {
  /** Empty in a Worker without further shops. */
  labels: Sample["labels"];
  /** By the ledger's name. */
  ledgers: ReadonlyMap<string, LedgerMetrics>;
}

/** @param rejections of all shops together; `null` for a shop alone, or when they cannot be read @param now in ms */
export function metricFamilies(
  shops: readonly ShopMetrics[],
  rejections: RejectionTotals | null,
  now: number,
): Family[] {
  const ofEach = (samplesOf: (shop: ShopSums) => Sample[]) =>
    shops
      .map(sumUp)
      .flatMap((shop) =>
        samplesOf(shop).map((sample) => ({ ...sample, labels: { ...shop.labels, ...sample.labels } })),
      );
  return [
    {
      name: `${PREFIX}orders_total`,
      help: "Orders by how they ended, those included that have left that end since.",
      type: "counter",
      samples: ofEach(({ totals }) => outcomes(totals)),
    },
    {
      name: `${PREFIX}duplicates_total`,
      help: "Events of orders that were known already.",
      type: "counter",
      samples: ofEach(({ totals }) => [one(totals["duplicate"] ?? 0)]),
    },
    {
      name: `${PREFIX}rejections_total`,
      help: "Requests without valid credentials, and requests and events that were rejected, of all shops together.",
      type: "counter",
      samples: rejections === null ? [] : by("kind", { ...rejections }),
    },
    {
      name: `${PREFIX}attempts_total`,
      help: "Attempts to create an invitation, by Trustpilot's HTTP status; none: no answer, or an e-mail.",
      type: "counter",
      samples: ofEach(({ totals }) => by("status", pick(totals, "answer:status:"))),
    },
    {
      name: `${PREFIX}trustpilot_seconds`,
      help: "How long Trustpilot took to answer an attempt.",
      type: "histogram",
      samples: ofEach(({ totals }) => histogram(totals)),
    },
    {
      name: `${PREFIX}waiting_orders`,
      help: "Orders that wait, by what they wait for.",
      type: "gauge",
      samples: ofEach(({ waiting }) => by("reason", waiting)),
    },
    {
      name: `${PREFIX}oldest_wait_seconds`,
      help: "How long the order that has waited longest has been due; 0 when none is.",
      type: "gauge",
      samples: ofEach(({ oldestWait }) => [one(oldestWait === null ? 0 : (now - oldestWait) / SECOND)]),
    },
    {
      name: `${PREFIX}needs_operator_orders`,
      help: "Failed and unknown orders that an operator can still decide on.",
      type: "gauge",
      samples: ofEach(({ open: { failed = 0, unknown = 0 } }) => by("state", { failed, unknown })),
    },
    {
      name: `${PREFIX}last_order_timestamp_seconds`,
      help: "When the last order arrived; missing when none has.",
      type: "gauge",
      samples: ofEach(({ lastArrival }) => (lastArrival === null ? [] : [one(lastArrival / SECOND)])),
    },
    {
      name: `${PREFIX}breaker_open_ledgers`,
      help: "Ledgers that send nothing because Trustpilot fails.",
      type: "gauge",
      samples: ofEach(({ breakers }) => [one(breakers)]),
    },
    {
      name: `${PREFIX}storage_bytes`,
      help: "What each ledger takes of its 10 GB.",
      type: "gauge",
      samples: ofEach(({ bytes }) => by("ledger", bytes)),
    },
    {
      name: `${PREFIX}storage_full_ledgers`,
      help: "Ledgers that take no new orders for want of space.",
      type: "gauge",
      samples: ofEach(({ full }) => [one(full)]),
    },
  ];
}

const PREFIX = "review_invitations_";

type ShopSums = ReturnType<typeof sumUp>;

function sumUp({ labels, ledgers }: ShopMetrics) {
  const all = [...ledgers.values()];
  return {
    labels,
    totals: sumCounts(all.map(({ totals }) => totals)),
    open: sumCounts(all.map(({ open }) => open)),
    waiting: sumCounts(all.map(({ waiting }) => waiting)),
    oldestWait: earliest(all.map(({ oldestWait }) => oldestWait)),
    lastArrival: latest(all.map(({ lastArrival }) => lastArrival)),
    breakers: all.filter(({ breakerOpen }) => breakerOpen).length,
    bytes: Object.fromEntries([...ledgers].map(([name, { bytes }]) => [name, bytes])),
    full: all.filter(({ full }) => full).length,
  };
}

const one = (value: number): Sample => ({ labels: {}, value });

function by(label: string, counts: Counts): Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

/** With a zero from the start, so that the first of its kind counts as an increase. */
const ALWAYS = { invited: 0, cancelled: 0, rejected: 0, failed: 0, unknown: 0 };

function outcomes(totals: Counts): Sample[] {
  const plain = Object.keys(ALWAYS).map((outcome) => ({ labels: { outcome }, value: totals[outcome] ?? 0 }));
  const skipped = by("reason", pick(totals, "skipped:"));
  return [
    ...plain,
    ...skipped.map(({ labels, value }) => ({ labels: { outcome: "skipped", ...labels }, value })),
  ];
}

function histogram(totals: Counts): Sample[] {
  let sum = 0;
  const buckets = BOUNDS.map((bound): Sample => {
    sum += totals[`answer:within:${bound}`] ?? 0;
    return { suffix: "_bucket", labels: { le: numberOf(bound / SECOND) }, value: sum };
  });
  return [
    ...buckets,
    { suffix: "_sum", labels: {}, value: (totals["answer:milliseconds"] ?? 0) / SECOND },
    { suffix: "_count", labels: {}, value: sum },
  ];
}

/** Those that begin with `prefix`, without it. */
function pick(totals: Counts, prefix: string): Counts {
  const picked = Object.entries(totals).filter(([what]) => what.startsWith(prefix));
  return Object.fromEntries(picked.map(([what, count]) => [what.slice(prefix.length), count]));
}
