/** /status: what needs attention, how the last days went, and the latest orders. */
import type { InferOutput } from "valibot";
import { AttentionList } from "./attention-list.tsx";
import type { Attention } from "./attention.ts";
import type { Series } from "./days.ts";
import { LastDays } from "./last-days.tsx";
import { Layout } from "./layout.tsx";
import type { Links } from "./links.ts";
import { PauseForm } from "./operate-forms.tsx";
import { OrdersList } from "./orders-list.tsx";
import { Notice } from "./parts.tsx";
import type { ListQuery } from "./schemas.ts";
import type { SummaryView } from "./view.ts";

export interface OverviewProps {
  attention: Attention[];
  allowance: { used: number; limit: number } | null;
  days: string[];
  series: Series[];
  orders: SummaryView[];
  next: string | null;
  query: InferOutput<typeof ListQuery>;
  notice: string | null;
  dryRun: boolean;
  links: Links;
  /** The shop that the page is about, `null` for the default one, and the names of the other shops. */
  shop: string | null;
  shops: string[];
}

export function OverviewPage(props: OverviewProps) {
  const { notice, dryRun, attention, days, series, links, shop, shops } = props;
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
      <AttentionList items={attention} days={days} links={links} />
      <PauseForm action={links.pause} severalShops={shops.length > 0} />
      <LastDays {...props} />
      <OrdersList {...props} />
    </Layout>
  );
}
