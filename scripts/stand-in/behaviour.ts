/** How to control the stand-in for Trustpilot, and what it reports. */

/** How one request is answered. By default: 201, and the invitation is created. */
export interface Step {
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
  /** Whether the invitation is created; without it: only with a status of 201. */
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
}

export interface ReceivedRequest {
  at: number;
  path: string;
  origin: string | null;
  /** The invitation as it came. */
  body: Record<string, unknown>;
  step: Step;
  created: boolean;
}
