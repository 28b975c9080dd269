/** What became of the orders of a period: in figures, and as a chart. */
import { LONGEST, type Counts } from "../domain/answer-counts.ts";
import { ORDER_STATES, REASONS } from "../domain/order.ts";
import { SECOND } from "../lib/time.ts";
import { percentile } from "./answer-times.ts";
import { Chart, type ListOf } from "./days-chart.tsx";
import { totalOf, type ReviewFigures, type Series } from "./days.ts";
import { formatDay, formatNumber } from "../lib/format.ts";
import type { Links } from "./links.ts";
import type { OverviewQuery } from "./orders-list.tsx";

interface FiguresProps {
  days: string[];
  series: Series[];
  reviews: ReviewFigures;
  answers: Counts;
  /** Of this month; `null` without a limit. */
  allowance: { used: number; limit: number } | null;
  query: OverviewQuery;
  links: Links;
}

export function FiguresSection({ days, series, reviews, answers, allowance, query, links }: FiguresProps) {
  const listOf = listLinks(links, query);
  const invited = totalOf(series, "invited");
  return (
    <section aria-labelledby="figures">
      <h2 id="figures">{query.first || query.last ? "Orders received" : `The last ${days.length} days`}</h2>
      <Period days={days} query={query} links={links} />
      <dl class="numbers">
        {FIGURES.map(({ kind, label }) => {
          const href = listOf(kind)?.(days[0]!, days.at(-1)!);
          const count = <Count value={totalOf(series, kind)} />;
          return (
            <div class={kind}>
              <dt>{label}</dt>
              <dd>{href ? <a href={href}>{count}</a> : count}</dd>
            </div>
          );
        })}
        {reviews.orders > 0 && invited > 0 && (
          <div>
            <dt>Reviewed</dt>
            <dd>
              <Count value={reviews.orders} />{" "}
              <small>{Math.round((100 * reviews.orders) / invited)}% of invited</small>
            </dd>
          </div>
        )}
        {allowance && (
          <div>
            <dt>Used this month</dt>
            <dd>
              <Count value={allowance.used} />{" "}
              <small>
                of <Count value={allowance.limit} />
              </small>
            </dd>
          </div>
        )}
      </dl>
      {series.length === 0 ? (
        <p class="calm">No orders in this period.</p>
      ) : (
        <Chart days={days} series={series} listOf={listOf} />
      )}
      <AnswerTimes answers={answers} />
      {reviews.weeks.length > 0 && <ReviewsByWeek weeks={reviews.weeks} />}
    </section>
  );
}

/** In plain words; /metrics has the histogram. */
function AnswerTimes({ answers }: { answers: Counts }) {
  const [half, most, nearlyAll] = [0.5, 0.95, 0.99].map((share) => percentile(answers, share));
  if (half == null) return null;
  return (
    <p class="calm">
      Of the requests for these orders that Trustpilot answered, half took up to <Seconds of={half} />, 95% up
      to <Seconds of={most!} /> and 99% up to <Seconds of={nearlyAll!} />.
    </p>
  );
}

/** @param of in ms; two digits say enough */
function Seconds({ of }: { of: number }) {
  const seconds = Math.min(of, LONGEST) / SECOND;
  return (
    <>
      {of > LONGEST && "more than "}
      <Count value={Number(seconds.toPrecision(2))} /> s
    </>
  );
}

function ReviewsByWeek({ weeks }: Pick<ReviewFigures, "weeks">) {
  return (
    <details>
      <summary>Reviews by week</summary>
      <table id="weeks">
        <caption>
          <span>Reviews by the week in which they were written (UTC)</span>
        </caption>
        <thead>
          <tr>
            {["Week from", "Reviews", "Average stars"].map((title) => (
              <th scope="col">{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map(({ monday, reviews, average }) => (
            <tr>
              <th scope="row">
                <time datetime={monday} data-day>
                  {formatDay(monday)}
                </time>
              </th>
              <td>
                <Count value={reviews} />
              </td>
              <td>
                <Count value={Math.round(average * 100) / 100} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

const FIGURES = [
  { kind: "invited", label: "Invited" },
  { kind: "waiting", label: "Waiting" },
  { kind: "skipped", label: "Skipped" },
  { kind: "cancelled", label: "Cancelled" },
  { kind: "rejected", label: "Rejected" },
  { kind: "failed", label: "Failed" },
  { kind: "unknown", label: "Unknown" },
  { kind: "duplicate", label: "Duplicates suppressed" },
];

/** A number; page.ts writes it in the reader's locale. */
function Count({ value }: { value: number }) {
  return <data value={String(value)}>{formatNumber(value)}</data>;
}

function Period({ days, query, links }: Pick<FiguresProps, "days" | "query" | "links">) {
  const { state, reason, id, from, to, first, last, days: chosen = "30" } = query;
  const custom = Boolean(first || last);
  return (
    <div class="period">
      <nav aria-label="Period">
        {["7", "30", "90"].map((span) => (
          <a
            href={links.figures({ state, reason, id, from, to, days: span })}
            aria-current={!custom && span === chosen ? "true" : undefined}
          >
            {span} days
          </a>
        ))}
      </nav>
      <details open={custom}>
        <summary>Other period</summary>
        <form action={links.overview} class="fields" aria-label="Period of the figures">
          <p class="field">
            <label for="first">First day (UTC)</label>
            <input id="first" name="first" type="date" value={first || days[0]} required />
          </p>
          <p class="field">
            <label for="last">Last day (UTC)</label>
            <input id="last" name="last" type="date" value={last || days.at(-1)} required />
          </p>
          <p class="buttons">
            <button class="quiet">Show</button>
          </p>
        </form>
      </details>
    </div>
  );
}

/** The list of the orders that a figure counts; `undefined` for what is not a state of orders. */
function listLinks(links: Links, { days, first, last }: OverviewQuery): ListOf {
  return (what) => {
    const [kind, reason] = what.split(":");
    const state = kind === "waiting" ? "held" : ORDER_STATES.find((known) => known === kind);
    if (state === undefined) return undefined;
    const known = REASONS.find((one) => one === reason);
    return links.ordersBetween({ state, reason: known }, { days, first, last });
  };
}
