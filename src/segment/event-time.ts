import { readTime } from "../lib/time-reader.ts";
import type { SegmentEvent } from "./segment-event.ts";

interface EventTime {
  /** In ms since 1970; `null` when the event has no usable time. */
  time: number | null;
  /** Whether the event has times, and none of them can be used. */
  unusable: boolean;
}

/** When it happened: `timestamp`; if that cannot be used `originalTimestamp`, then `sentAt`. @param now in ms */
export function readEventTime({ root }: SegmentEvent, now: number): EventTime {
  let unusable = false;
  for (const field of ["timestamp", "originalTimestamp", "sentAt"]) {
    const reading = readTime(root(field), { now });
    if (reading.kind === "time") return { time: reading.time, unusable: false };
    if (reading.kind !== "missing") unusable = true;
  }
  return { time: null, unusable };
}
