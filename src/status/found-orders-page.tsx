/** What a search has found, when it is not one order. */
import { readLeniently } from "../config/config.ts";
import { Layout } from "./layout.tsx";
import { Links } from "./links.ts";
import { OrdersTable } from "./orders-list.tsx";
import type { Hits } from "./search.ts";
import { toSummary } from "./view.ts";

interface FoundProps {
  title: string;
  /** What else there is to know of the search. */
  note?: string;
  hits: Hits[];
  links: Links;
}

export function FoundOrdersPage({ title, note, hits, links }: FoundProps) {
  return (
    <Layout title={title} links={links}>
      <nav aria-label="Where you are">
        <a href={links.overview}>Overview</a>
      </nav>
      <h1>{title}</h1>
      {note !== undefined && <p class="calm">{note}</p>}
      {hits.map(({ env, orders }) => (
        <section>
          {hits.length > 1 && <h2>{env.SHOP ?? "Default shop"}</h2>}
          <OrdersTable
            orders={orders.map((order) => toSummary(order, readLeniently(env).rules))}
            links={new Links(env)}
          />
        </section>
      ))}
    </Layout>
  );
}
