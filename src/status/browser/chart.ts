/**
 * Draws the table of the last days as a stacked chart. The table is the only source: without JavaScript it is what
 * is shown, and a screen reader reads it.
 */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartConfiguration,
} from "chart.js";

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
);

const canvas = document.querySelector<HTMLCanvasElement>("#chart canvas")!;
const table = document.querySelector<HTMLTableElement>("#days")!;
const swatches = [...document.querySelectorAll<HTMLElement>("#chart .swatch")];

const rows = [...table.tBodies[0]!.rows].toReversed();
const labels = rows.map((row) => row.cells[0]!.textContent);
const series = swatches.map((swatch, index) => ({
  swatch,
  dots: swatch.dataset["dots"] !== undefined,
  label: swatch.parentElement!.textContent.trim(),
  data: rows.map((row) => Number(row.cells[index + 1]!.querySelector("data")?.value ?? 0)),
}));

const chart = new Chart(canvas, configuration());
table.closest("details")!.open = false;
document.documentElement.classList.add("charted");

for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
  matchMedia(query).addEventListener("change", () => {
    const { data, options } = configuration();
    chart.data = data;
    chart.options = options ?? {};
    chart.update("none");
  });
}

function configuration(): ChartConfiguration<"bar" | "line"> {
  const { color, fontFamily, borderTopColor, backgroundColor } = getComputedStyle(canvas);
  const scale = {
    stacked: true,
    border: { display: false },
    ticks: { color, font: { family: fontFamily, size: 12 } },
  };
  return {
    type: "bar",
    data: {
      labels,
      datasets: series.map(({ swatch, dots, label, data }) => {
        const colour = getComputedStyle(swatch).color;
        return dots
          ? {
              type: "line" as const,
              label,
              data: data.map((count) => count || null),
              stack: "dots",
              order: -1,
              showLine: false,
              pointRadius: 3.5,
              pointHoverRadius: 5,
              pointBackgroundColor: colour,
              pointBorderColor: backgroundColor,
              pointBorderWidth: 1.5,
            }
          : { label, data, stack: "orders", backgroundColor: colour, maxBarThickness: 24 };
      }),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      // Each bar leads where its number in the table does.
      onClick: ({ native }) => {
        const [bar] = chart.getElementsAtEventForMode(native!, "nearest", { intersect: true }, false);
        const cell = bar && rows[bar.index]!.cells[bar.datasetIndex + 1];
        cell?.querySelector("a")?.click();
      },
      plugins: { tooltip: { filter: ({ parsed }) => (parsed.y ?? 0) > 0 } },
      scales: {
        x: {
          ...scale,
          grid: { display: false },
          ticks: { ...scale.ticks, maxRotation: 0, autoSkipPadding: 16 },
        },
        y: {
          ...scale,
          beginAtZero: true,
          grid: { color: borderTopColor },
          ticks: { ...scale.ticks, precision: 0, maxTicksLimit: 6 },
        },
      },
    },
  };
}
