/** What needs attention, each with its next step. */
import type { Problem } from "../alerts/problem.ts";
import type { Links } from "./links.ts";
import { DecideUnknown } from "./operate-forms.tsx";
import { DayField, Time } from "./parts.tsx";

interface AttentionProps {
  items: Problem[];
  /** The days that the page covers: what the form for a period starts with. */
  days: string[];
  links: Links;
}

export function AttentionList({ items, days, links }: AttentionProps) {
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      {items.length === 0 ? (
        <p class="calm">No open problems.</p>
      ) : (
        <ul class="attention">
          {items.map((item) => (
            <li class={item.level}>
              <h3>{item.title}</h3>
              <p>
                {item.next}
                {item.until !== undefined && (
                  <>
                    {" "}
                    Until <Time at={item.until} />.
                  </>
                )}
              </p>
              {item.details && (
                <ul class="details">
                  {item.details.map((detail) => (
                    <li>{detail}</li>
                  ))}
                </ul>
              )}
              <Offer offer={item.offer} days={days} links={links} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

type OfferProps = Omit<AttentionProps, "items"> & { offer: Problem["offer"] };

function Offer({ offer, days, links }: OfferProps) {
  switch (offer) {
    case undefined:
      return null;
    case "resume":
      return (
        <form method="post" action={links.resume}>
          <button>Resume sending</button>
        </form>
      );
    case "see-unknown":
      return (
        <>
          <p>
            <a class="button" href={links.orders({ state: "unknown" })}>
              Show the unknown orders
            </a>
          </p>
          <DecideUnknown days={days} action={links.decideUnknown} />
        </>
      );
    case "send-again-failed":
      return (
        <>
          <p>
            <a class="button" href={links.orders({ state: "failed" })}>
              Show the failed orders
            </a>
          </p>
          <details>
            <summary>Send all failed orders of a period again</summary>
            <form method="post" action={links.sendAgainFailed} class="fields" data-local-days>
              <DayField name="from" id="again-from" label="Received from" moment={days[0]} required />
              <DayField name="to" id="again-to" label="Received until" moment={days.at(-1)} required />
              <button>Send them again</button>
            </form>
          </details>
        </>
      );
  }
}
