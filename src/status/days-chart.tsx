/** The orders of each day by what became of them: a chart, and the table that it is drawn from. */
import { raw } from "hono/utils/html";
import { formatDay, formatNumber } from "../lib/format.ts";
import type { Series } from "./days.ts";

/** The address of the list of the orders that a figure counts; `undefined` for what is not a state of orders. */
export type ListOf = (what: string) => ((from: string, to: string) => string) | undefined;

interface ChartProps {
  days: string[];
  series: Series[];
  listOf: ListOf;
}

export function Chart({ days, series, listOf }: ChartProps) {
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
          <DaysTable days={days} series={series} listOf={listOf} />
        </div>
      </details>
    </>
  );
}

function DaysTable({ days, series, listOf }: ChartProps) {
  const columns = series.map(({ what, counts }) => ({ counts, listOf: listOf(what) }));
  return (
    <table id="days">
      <caption>
        <span>Orders by the day on which they were received (UTC), and what became of them</span>
      </caption>
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
              <th scope="row">
                <time datetime={day} data-day>
                  {formatDay(day)}
                </time>
              </th>
              {raw(columns.map(({ counts, listOf }) => dayCell(counts[index]!, listOf?.(day, day))).join(""))}
            </tr>
          ))
          .toReversed()}
      </tbody>
    </table>
  );
}

/** Written as text: hundreds of cells as three elements each would take longer than the rest of the page. */
function dayCell(count: number, href: string | undefined): string {
  if (count === 0) return "<td>–</td>";
  const number = `<data value="${count}">${formatNumber(count)}</data>`;
  return href ? `<td><a href="${href.replaceAll("&", "&amp;")}">${number}</a></td>` : `<td>${number}</td>`;
}
