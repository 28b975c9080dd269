/** The processor time of the workerd processes that this one has started, as Linux counts it. */
import { readdirSync, readFileSync } from "node:fs";

/** Ids of the workerd processes that run now. Empty where there is no /proc. */
export function workerdIds(): string[] {
  return statsOf(readProc())
    .filter(({ name, parent }) => name.startsWith("workerd") && parent === process.pid)
    .map(({ id }) => id);
}

/** User and system time of a process so far, in ms; to the next 10 ms. */
export function processorTime(id: string): number {
  const TICK = 10;
  const [stat] = statsOf([id]);
  return stat ? stat.ticks * TICK : NaN;
}

function readProc(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** Processes that are gone by now are left out. @see proc_pid_stat(5) */
function statsOf(ids: string[]) {
  return ids.flatMap((id) => {
    try {
      const text = readFileSync(`/proc/${id}/stat`, "utf8");
      const end = text.lastIndexOf(")");
      const fields = text.slice(end + 2).split(" ");
      return [
        {
          id,
          name: text.slice(text.indexOf("(") + 1, end),
          parent: Number(fields[1]),
          ticks: Number(fields[11]) + Number(fields[12]),
        },
      ];
    } catch {
      return [];
    }
  });
}
