/** Forms that concern all orders: pause sending, and decide for the unknown orders of a period. */
import { DayField } from "./parts.tsx";

export function PauseForm({ action, severalShops }: { action: string; severalShops: boolean }) {
  return (
    <details>
      <summary>Pause sending</summary>
      <form method="post" action={action} class="fields">
        <p class="field">
          <label for="pause-reason">Reason</label>
          <input id="pause-reason" name="reason" maxlength={200} required />
        </p>
        <p class="field">
          <label for="pause-until">Until the end of (UTC; empty: until resumed)</label>
          <input id="pause-until" name="until" type="date" />
        </p>
        {severalShops && (
          <p class="check">
            <input type="checkbox" id="pause-shops" name="shops" value="all" />
            <label for="pause-shops">All shops</label>
          </p>
        )}
        <button class="quiet">Pause</button>
      </form>
    </details>
  );
}

export function DecideUnknown({ days, action }: { days: string[]; action: string }) {
  return (
    <details>
      <summary>Decide for all unknown orders of a period</summary>
      <form method="post" action={action} class="fields" data-local-days>
        <DayField name="from" id="unknown-from" label="Received from" moment={days[0]} required />
        <DayField name="to" id="unknown-to" label="Received until" moment={days.at(-1)} required />
        <p class="check">
          <input type="checkbox" id="unknown-confirm" name="confirm" value="yes" />
          <label for="unknown-confirm">
            To send again: I accept that every one of these customers may get a second invitation.
          </label>
        </p>
        <button name="decision" value="mark-sent">
          Mark all as sent
        </button>
        <button name="decision" value="send-again" class="quiet">
          Send all again
        </button>
      </form>
    </details>
  );
}
