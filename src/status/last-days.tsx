/** The last days in figures, as a chart, and as the table that the chart is drawn from. */
import { totalOf, type Series } from "./days.ts";
import { formatDay, formatNumber } from "./format.ts";

interface LastDaysProps {
  days: string[];
  series: Series[];
  /** Of this month; `null` without a limit. */
  allowance: { used: number; limit: number } | null;
}

export function LastDays({ days, series, allowance }: LastDaysProps) {
  return (
    <section aria-labelledby="last-days">
      <h2 id="last-days">The last {days.length} days</h2>
      <dl class="numbers">
        {FIGURES.map(({ kind, label }) => (
          <div class={kind}>
            <dt>{label}</dt>
            <dd>{formatNumber(totalOf(series, kind))}</dd>
          </div>
        ))}
        {allowance && (
          <div>
            <dt>Used this month</dt>
            <dd>
              {formatNumber(allowance.used)} <small>of {formatNumber(allowance.limit)}</small>
            </dd>
          </div>
        )}
      </dl>
      {series.length === 0 ? (
        <p class="calm">
          No orders yet. The first one appears here as soon as Segment sends an event. Nothing arriving? Check
          Event Delivery in Segment: it shows what this Worker answered.
        </p>
      ) : (
        <Chart days={days} series={series} />
      )}
    </section>
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

type ChartProps = Omit<LastDaysProps, "allowance">;

function Chart({ days, series }: ChartProps) {
  return (
    <>
      <div id="chart">
        <ul class="legend" aria-hidden="true">
          {series.map(({ what, label }) => (
            <li>
              <span
                class={`swatch ${what.replace(":", " ")}`}
                data-dots={what === "duplicate" ? "" : undefined}
              ></span>
              {label}
            </li>
          ))}
        </ul>
        <div class="canvas">
          <canvas
            role="img"
            aria-label="Orders per day, by what became of them. The table below has the numbers."
          ></canvas>
        </div>
      </div>
      <details class="days" open>
        <summary>Show as table</summary>
        <div class="scroll" role="region" aria-label="Orders per day" tabindex={0}>
          <DaysTable days={days} series={series} />
        </div>
      </details>
    </>
  );
}

function DaysTable({ days, series }: ChartProps) {
  return (
    <table id="days">
      <caption>Orders by the day on which they were received (UTC), and what became of them</caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          {series.map(({ label }) => (
            <th scope="col">{label}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {days
          .map((day, index) => (
            <tr>
              <th scope="row">{formatDay(day)}</th>
              {series.map(({ counts }) => (
                <td data-count={counts[index]}>{counts[index] ? formatNumber(counts[index]) : "–"}</td>
              ))}
            </tr>
          ))
          .toReversed()}
      </tbody>
    </table>
  );
}
