/** What the stand-in keeps of one account: how to behave, what came, and how it answers. */
import { hash32 } from "../../src/lib/hash.ts";
import type { Behaviour, ReceivedRequest, Step } from "./behaviour.ts";

export interface Account {
  behaviour: Behaviour;
  requests: ReceivedRequest[];
  /** How many requests each reference id has had. */
  counts: Map<string, number>;
  /** Of the Invitations API. */
  tokens: { issued: number; calls: number };
  /** The addresses that were to be erased. */
  erased: string[];
}

const accounts = new Map<string, Account>();

export function accountOf(key: string): Account {
  let account = accounts.get(key);
  if (!account) {
    account = {
      behaviour: {},
      requests: [],
      counts: new Map(),
      tokens: { issued: 0, calls: 0 },
      erased: [],
    };
    accounts.set(key, account);
  }
  return account;
}

/** What came for all accounts, without their keys: it may be looked at in a browser. */
export function allRequests(): ReceivedRequest[] {
  return [...accounts].flatMap(([key, { requests }]) =>
    requests.map((request) => ({ ...request, path: request.path.replace(key, "{key}") })),
  );
}

export function forgetAccount(key: string): void {
  accounts.delete(key);
}

/** An invitation that came, and how it is answered. @param problem what keeps it from being accepted, or `null` */
export function receive(
  account: Account,
  request: Pick<ReceivedRequest, "path" | "origin" | "referenceId" | "body">,
  { success, problem, invites }: { success: number; problem: string | null; invites: boolean },
): Promise<Response> {
  const step: Step =
    problem === null ? takeStep(account, String(request.referenceId)) : { status: 400, body: problem };
  const status = step.status ?? success;
  const created = step.create ?? (invites && step.fault !== "drop" && status === success);
  account.requests.push({ at: Date.now(), ...request, step, created });
  return answer(step, success);
}

function takeStep({ behaviour, counts }: Account, referenceId: string): Step {
  const earlier = counts.get(referenceId) ?? 0;
  counts.set(referenceId, earlier + 1);
  const own = behaviour.references?.[referenceId]?.shift();
  if (own) return own;
  const next = behaviour.next?.shift();
  if (next) return next;
  const { chance, always = {} } = behaviour;
  if (!chance || earlier >= (chance.first ?? Infinity)) return always;
  const random = (of: string) =>
    chance.seed === undefined
      ? Math.random()
      : hash32(`${of}:${chance.seed}:${referenceId}:${earlier}`) / 2 ** 32;
  return random("fails") < chance.rate
    ? chance.steps[Math.floor(random("how") * chance.steps.length)]!
    : always;
}

/** @param success the status when the step names none */
export async function answer(
  { status, headers = {}, body, bodyBytes, delay = 0, fault }: Step,
  success: number,
): Promise<Response> {
  const init = { status: status ?? success, headers };
  if (delay > 0) await scheduler.wait(delay);
  if (fault === "hang") await scheduler.wait(600_000);
  // A Worker cannot close its connection; but when a fetch of its own is refused, the runtime does.
  if (fault === "drop") return fetch("http://127.0.0.1:1/");
  if (fault === "cut" || fault === "drip") return new Response(slowBody(fault), init);
  if (bodyBytes !== undefined) return new Response(new Uint8Array(bodyBytes), init);
  return new Response(body ?? (init.status === 201 ? "[]" : ""), init);
}

function slowBody(fault: "cut" | "drip"): ReadableStream {
  const { readable, writable } = new FixedLengthStream(1000);
  const writer = writable.getWriter();
  void (async () => {
    const seconds = fault === "cut" ? 1 : 1000;
    for (let second = 0; second < seconds; second++) {
      await writer.write(new Uint8Array(1));
      await scheduler.wait(fault === "cut" ? 0 : 1000);
    }
    await writer.abort(new Error("cut"));
  })().catch(() => {});
  return readable;
}
