/** How Trustpilot can fail for all orders at once, in words for the log, the page and the alerts. */

/** `title` is a sentence without its full stop; `refused`: a person has to change the key, the address or the account. */
interface OutageWords {
  title: string;
  next: string;
  refused?: true;
}

const TESTED = "It is tested automatically: first with a probe, then with a single order.";
const HOURLY = "Until then it is tested every hour; the order that tests it keeps waiting.";
const APART = `${TESTED} Each order that is not confirmed is unknown afterwards, so tests are at least an hour apart.`;

const WORDS = {
  /** The probe got no sensible answer. */
  unreachable: {
    title: "Trustpilot cannot be reached",
    next: `${TESTED} If it lasts for hours, check TRUSTPILOT_API_URL and Trustpilot's own status page.`,
  },
  /** An order got no response, or one that a gateway made up. */
  noResponse: { title: "Trustpilot does not answer orders", next: APART },
  /** An order got a 2xx that confirms nothing. */
  ambiguous: { title: "Trustpilot confirms no order", next: APART },
  /** 5xx, or 408 and 425. */
  error: { title: "Trustpilot answers with errors", next: TESTED },
  rateLimited: { title: "Trustpilot asks to slow down", next: TESTED },
  credentials: {
    title: "Trustpilot refuses the API key or its secret",
    next: `Check TRUSTPILOT_API_KEY and TRUSTPILOT_API_SECRET and deploy, then resume. ${HOURLY}`,
    refused: true,
  },
  role_or_plan: {
    title: "Trustpilot refuses the API key: a role or the plan is missing",
    next: `The user of TRUSTPILOT_BUSINESS_USER_ID must be an Admin or a Manager of the business unit, and the plan must include the Invitations API (an add-on on Premium and Advanced, part of Enterprise). Change that at Trustpilot, then resume. ${HOURLY}`,
    refused: true,
  },
  sender: {
    title: "Cloudflare refuses to send the e-mail to Trustpilot",
    next: `Workers Paid, a sending domain for TRUSTPILOT_AFS_FROM and a binding EMAIL that is pinned to TRUSTPILOT_AFS_ADDRESS are needed: docs/trustpilot.md. Then resume. ${HOURLY}`,
    refused: true,
  },
  /** The key or the address is wrong: what was refused is not the order. */
  accessRefused: {
    title: "Trustpilot refuses the Integration Key, or the address",
    next: `Check TRUSTPILOT_INTEGRATION_KEY and TRUSTPILOT_API_URL and deploy, then resume. ${HOURLY}`,
    refused: true,
  },
} satisfies Record<string, OutageWords>;

export type Failure = keyof typeof WORDS;

export const OUTAGES: Record<Failure, OutageWords> = WORDS;
