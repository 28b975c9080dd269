/** How to control the stand-in for Trustpilot, and what it reports. */

/** How one request is answered. By default: with success, and the invitation is created. */
export interface Step {
  /** To a mail: from 400 up, `body` is the code of the error that the binding throws. */
  status?: number;
  headers?: Record<string, string>;
  /** Sent as the body; `bodyBytes` sends that many zero bytes instead. */
  body?: string;
  bodyBytes?: number;
  /** Wait so many ms before the answer. */
  delay?: number;
  /** "hang": no answer for ten minutes. "drop": the connection is closed without an answer.
   *  "cut": closed half-way through the body. "drip": a byte of body a second. */
  fault?: "hang" | "drop" | "cut" | "drip";
  /** Whether the invitation is created; without it: only with the status that means success. */
  create?: boolean;
}

/** Which step a request takes: its own (by reference id) first, then the next one, then by chance, then always. */
export interface Behaviour {
  references?: Record<string, Step[]>;
  next?: Step[];
  /**
   * With a probability of `rate`, one of `steps`; only for the `first` requests of each reference id, so that
   * every order succeeds in the end. What a request draws depends on `seed`, its reference id and how many came
   * before it, not on the order in which orders arrive: the same seed gives the same faults again.
   */
  chance?: { rate: number; steps: Step[]; first?: number; seed?: string };
  always?: Step;
  /** How the next calls of the Invitations API that create nothing are answered. */
  calls?: Partial<Record<"token" | "templates" | "erase", Step[]>>;
  /** `expires_in` of the next tokens. */
  tokenLife?: number | string;
  /** No token that was issued so far is accepted any longer. */
  revokeTokens?: boolean;
}

export interface ReceivedRequest {
  at: number;
  path: string;
  origin: string | null;
  /** The order id as it was sent. */
  referenceId: string | null;
  /** The invitation as it came: a body of JSON, or the JSON in a mail. */
  body: Record<string, unknown>;
  step: Step;
  created: boolean;
}

/** The one secret of every key, so that a wrong one can be tried. */
export const API_SECRET = "the API secret of the stand-in";
export const TEMPLATES = [
  {
    id: "507f191e810c19729de860ea",
    name: "Service",
    isDefaultTemplate: true,
    locale: "en-US",
    type: "Email",
  },
  {
    id: "507f191e810c19729de860eb",
    name: "Product",
    isDefaultTemplate: false,
    locale: "en-US",
    type: "Email",
  },
];
