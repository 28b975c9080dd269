import type { ErasureReport } from "../trustpilot/erasure-report.ts";
import { quantity } from "../lib/format.ts";
import { Time } from "./parts.tsx";

/** That customers who were deleted are erased at Trustpilot, too; nothing until there was one. */
export function ErasureRecord({ erasures }: { erasures: ErasureReport | null }) {
  if (erasures === null || (erasures.lastErased === null && erasures.waiting === 0)) return null;
  const { erased, lastErased, waiting } = erasures;
  return (
    <p class="calm arrival">
      Deleted customers: {quantity(erased, "address", "addresses")} erased at Trustpilot
      {lastErased !== null && (
        <>
          , the last on <Time at={lastErased} />
        </>
      )}
      {waiting > 0 && `; ${waiting} waiting`}.
    </p>
  );
}
