/** The processor time of the workerd processes that this one has started, as Linux counts it. */
import { readdirSync, readFileSync } from "node:fs";

/** Ids of the workerd processes that run now. Empty where there is no /proc. */
export function workerdIds(): string[] {
  return list("/proc").filter((id) => {
    const stat = read(`/proc/${id}/stat`);
    const [, name = "", parent] = /\((.*)\) \S (\d+)/s.exec(stat) ?? [];
    return name.startsWith("workerd") && Number(parent) === process.pid;
  });
}

/** Of a process with all its threads so far, in ms. @see https://docs.kernel.org/scheduler/sched-stats.html */
export function processorTime(id: string): number {
  const nanoseconds = list(`/proc/${id}/task`).map((thread) =>
    Number(read(`/proc/${id}/task/${thread}/schedstat`).split(" ")[0]),
  );
  return nanoseconds.length === 0 ? NaN : nanoseconds.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** The numbered entries of a folder; none when it is gone by now. */
function list(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
