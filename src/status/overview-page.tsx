/** /status: what needs attention, what became of the orders of a period, and the list of orders. */
import type { Counts } from "../domain/answer-counts.ts";
import type { LastExport } from "../domain/shop-record.ts";
import type { ErasureReport } from "../trustpilot/erasure-report.ts";
import { AttentionList } from "./attention-list.tsx";
import type { Problem } from "../alerts/problem.ts";
import type { ReviewFigures, Series } from "./days.ts";
import { ErasureRecord } from "./erasure-record.tsx";
import { FiguresSection } from "./figures-section.tsx";
import { Layout } from "./layout.tsx";
import type { Links } from "./links.ts";
import { PauseForm } from "./operate-forms.tsx";
import type { OrderListing } from "./order-listing.ts";
import { OrdersList, type OverviewQuery } from "./orders-list.tsx";
import { Notice, Time } from "./parts.tsx";
import type { SummaryView } from "./view.ts";

interface OverviewProps extends Omit<OrderListing, "orders"> {
  attention: Problem[];
  allowance: { used: number; limit: number } | null;
  days: string[];
  series: Series[];
  reviews: ReviewFigures;
  /** How Trustpilot answered: see `answerCounts`. */
  answers: Counts;
  orders: SummaryView[];
  query: OverviewQuery;
  notice: string | null;
  /** Whether orders are found by e-mail. */
  findByEmail: boolean;
  dryRun: boolean;
  /** When the last order arrived, in ms; `null` when none has. */
  lastArrival: number | null;
  /** `undefined` when backups are off, `null` before the first one. */
  backup: LastExport | null | undefined;
  /** Deletions at Trustpilot; `null` where it is not asked for any. */
  erasures: ErasureReport | null;
  links: Links;
  /** The Worker's own address, as the reader has reached it. */
  address: string;
  /** The shop that the page is about, `null` for the default one, and the names of the other shops. */
  shop: string | null;
  shops: string[];
}

export function OverviewPage(props: OverviewProps) {
  const { notice, dryRun, attention, days, series, lastArrival, links, shop, shops } = props;
  return (
    <Layout title="Overview" links={links} chart={series.length > 0}>
      <h1>Overview{shop !== null && ` of ${shop}`}</h1>
      {shops.length > 0 && (
        <nav class="shops" aria-label="Other shops">
          Other shops:{" "}
          {shops.map((name, index) => (
            <>
              {index > 0 && " · "}
              <a href={`/shops/${name}/status`}>{name}</a>
            </>
          ))}
        </nav>
      )}
      {shop !== null && (
        <p class="shops">
          <a href="/status">The default shop, and all others</a>
        </p>
      )}
      {notice && <Notice kind="done">{notice}</Notice>}
      {dryRun && (
        <p class="notice">
          Dry run: orders are recorded and nothing is sent to Trustpilot. Remove DRY_RUN to go live.
        </p>
      )}
      {lastArrival === null ? <NothingYet {...props} /> : <LastArrival at={lastArrival} />}
      {props.backup !== undefined && <LastBackup backup={props.backup} />}
      <ErasureRecord erasures={props.erasures} />
      <AttentionList items={attention} days={days} links={links} />
      <PauseForm action={links.pause} severalShops={shops.length > 0} />
      {lastArrival !== null && (
        <>
          <FiguresSection {...props} />
          {props.findByEmail && <FindByEmail action={links.find} />}
          <OrdersList {...props} />
        </>
      )}
    </Layout>
  );
}

function FindByEmail({ action }: { action: string }) {
  return (
    <section aria-labelledby="find">
      <h2 id="find">Orders of a customer</h2>
      <form method="post" action={action} class="fields">
        <p class="field">
          <label for="email">E-mail address</label>
          <input id="email" name="email" type="email" autocomplete="off" required />
        </p>
        <button class="quiet">Find orders</button>
      </form>
    </section>
  );
}

function LastArrival({ at }: { at: number }) {
  return (
    <p class="calm arrival">
      The last order arrived on <Time at={at} />.
    </p>
  );
}

function LastBackup({ backup }: { backup: LastExport | null }) {
  return (
    <p class="calm arrival">
      {backup === null ? (
        "No complete backup has been made yet."
      ) : (
        <>
          The last complete backup was made on <Time at={backup.at} />
          {backup.fenced && ", while the Worker was fenced"}.
        </>
      )}
    </p>
  );
}

/** What to paste where, until something arrives. */
function NothingYet({ address, shop }: Pick<OverviewProps, "address" | "shop">) {
  return (
    <section aria-labelledby="nothing">
      <h2 id="nothing">No order has arrived yet</h2>
      <ol class="steps">
        <li>
          In Segment, add the destination <strong>Webhooks (Actions)</strong> or <strong>Webhooks</strong> to
          the source that sends Order Completed.
        </li>
        <li>
          Paste this address as its URL, with the method POST:
          <pre>
            <code>{`${address}${shop === null ? "" : `/shops/${shop}`}/segment`}</code>
          </pre>
        </li>
        <li>Enter the value of SEGMENT_SHARED_SECRET as its Shared Secret.</li>
        <li>
          Send a test event. It appears here at once; Event Delivery in Segment shows what this Worker
          answered.
        </li>
      </ol>
    </section>
  );
}
