/**
 * Whether a deployment accepts what Segment sends, and nothing else. Nothing is changed: what is sent is a page event,
 * or the deletion of a customer that does not exist.
 */
import { randomBytes } from "node:crypto";
import { messageOf, type Deployment, type Reply } from "../lib/deployment.ts";
import { sign } from "../lib/segment.ts";
import { note, notChecked, ok, wrong, type Finding } from "./finding.ts";

/** An event that starts nothing. */
export const PAGE = JSON.stringify({ type: "page", messageId: "doctor-page", anonymousId: "doctor" });
const PAGES = `[${PAGE},${PAGE}]`;
const SET_SECRET = "npx wrangler secret put SEGMENT_SHARED_SECRET";

/** Proves to the Worker who sends what it must not accept: so the doctor raises no alert. */
function signature({ credentials: { secret, token } }: Deployment): Record<string, string> {
  const proof = secret ?? token;
  const now = String(Date.now());
  return proof === null ? {} : { "X-Doctor": `${now} ${sign(`doctor ${now}`, proof)}` };
}

export async function checkMethod(deployment: Deployment): Promise<Finding> {
  const { status } = await deployment.get(deployment.events.pathname, signature(deployment));
  return status === 405
    ? ok("method", "GET is answered 405: only POST brings events.")
    : wrong(
        "method",
        `GET ${deployment.events.pathname} is answered ${status} instead of 405.`,
        "Something stands in front of the Worker and answers for it: look at redirects, caches and bot rules.",
      );
}

/** That authenticated events are accepted, and no others. */
export async function checkProof(deployment: Deployment): Promise<Finding[]> {
  const { secret, token, key } = deployment.credentials;
  if ((secret ?? token ?? key) === null) {
    const remedy = "Set SEGMENT_SHARED_SECRET in the environment or in .dev.vars.";
    return [notChecked("signature", "The shared secret is not known here.", remedy)];
  }
  const found = [await checkOwnProof(deployment)];

  const unsigned = await deployment.post(PAGE, signature(deployment));
  const forged = await deployment.post(PAGE, {
    ...signature(deployment),
    "X-Signature": sign(PAGE, randomBytes(32).toString("hex")),
    Authorization: `Bearer ${randomBytes(8).toString("hex")}`,
  });
  const isClosed = unsigned.status === 401 && forged.status === 401;
  found.push(
    isClosed
      ? ok("forgery", "Without a signature, and with a wrong one, events are answered 401.")
      : wrong(
          "forgery",
          `Accepted: without a signature ${unsigned.status}, with a wrong one ${forged.status}.`,
          "Check what is in front of the Worker; the Worker itself answers both 401.",
        ),
  );
  return found;
}

async function checkOwnProof(deployment: Deployment): Promise<Finding> {
  const { secret, token, key } = deployment.credentials;
  const reply = await deployment.send(PAGE);
  if (secret === null) return token === null ? judgeKey(reply) : judgeToken(reply);
  if (reply.status !== 401 || key === null) return judgeSignature(reply);
  // The deployment may have no secret at all, and then no signature opens it.
  const byKey = await deployment.post(PAGE, { Authorization: `Bearer ${key}` });
  return byKey.status === 200 ? judgeKey(byKey) : judgeSignature(reply);
}

function judgeSignature(reply: Reply): Finding {
  if (reply.status === 200) return ok("signature", "The shared secret matches: a signed event is accepted.");
  if (reply.status === 401) {
    return wrong(
      "signature",
      "The deployment's shared secret differs from the one here.",
      `If the one here is right: ${SET_SECRET}. Segment's webhook destination needs the same one.`,
    );
  }
  return wrong("signature", `A signed event is answered ${reply.status}: ${messageOf(reply)}`, LOOK);
}

function judgeToken(reply: Reply): Finding {
  if (reply.status === 200)
    return ok("signature", "SEGMENT_TOKEN matches: an event that carries it is accepted.");
  const remedy = "If this one is right: npx wrangler secret put SEGMENT_TOKEN. The sender needs the same.";
  return wrong(
    "signature",
    `An event with the token is answered ${reply.status}: ${messageOf(reply)}`,
    remedy,
  );
}

function judgeKey(reply: Reply): Finding {
  if (reply.status === 200) {
    return note(
      "signature",
      "The Integration Key alone is accepted (AUTHENTICATE_BY). A JavaScript integration publishes the key in the shop's pages, so anyone can send orders.",
      `Set a shared secret here (${SET_SECRET}) and the same one in Segment, and remove AUTHENTICATE_BY.`,
    );
  }
  if (reply.status === 401) {
    return notChecked(
      "signature",
      `The Integration Key is not accepted: ${messageOf(reply)}`,
      "Set SEGMENT_SHARED_SECRET in the environment or in .dev.vars.",
    );
  }
  return wrong("signature", `An event with the key is answered ${reply.status}: ${messageOf(reply)}`, LOOK);
}

const LOOK = "Try again while npx wrangler tail shows what the Worker logs.";

/** A batch as Segment sends it: signed by its first event alone. */
export async function checkBatches(deployment: Deployment): Promise<Finding[]> {
  const { secret } = deployment.credentials;
  if (secret === null) {
    return [
      notChecked(
        "batches",
        "Checking batches needs the shared secret, which is not known here.",
        "Set SEGMENT_SHARED_SECRET.",
      ),
    ];
  }
  const first = { "X-Signature": sign(PAGE, secret) };
  const bare = await deployment.post(PAGES, { ...signature(deployment), ...first });
  const found = [
    bare.status === 401
      ? ok("batches", "A batch signed only over its first event is answered 401 without a second factor.")
      : wrong(
          "batches",
          `A batch signed only over its first event is answered ${bare.status} instead of 401.`,
          LOOK,
        ),
  ];
  return [...found, await checkSecondFactor(deployment, first)];
}

/** @param first the signature of the first event */
async function checkSecondFactor(deployment: Deployment, first: Record<string, string>): Promise<Finding> {
  const { token, key } = deployment.credentials;
  const [check, factor, name] =
    token === null
      ? (["batches with key", "Integration Key", "TRUSTPILOT_INTEGRATION_KEY"] as const)
      : (["batches with token", "SEGMENT_TOKEN", "SEGMENT_TOKEN"] as const);
  const value = token ?? key;
  if (value === null) {
    const remedy = `Set ${name} in the environment or in .dev.vars.`;
    return notChecked(check, `The ${factor} is not known here.`, remedy);
  }
  const proven = await deployment.post(PAGES, { ...first, Authorization: `Bearer ${value}` });
  return proven.status === 200
    ? ok(check, `With the header Authorization: Bearer <${factor}> it is accepted.`)
    : wrong(
        check,
        `With the ${factor} from here it is answered ${proven.status}: ${messageOf(proven)}`,
        `If the one from here is right: npx wrangler secret put ${name}`,
      );
}

/** Asks every ledger to delete a customer that does not exist. */
export async function checkLedgers(deployment: Deployment): Promise<Finding> {
  const userId = `doctor-${randomBytes(8).toString("hex")}`;
  const reply = await deployment.send(JSON.stringify({ type: "delete", messageId: userId, userId }));
  if (reply.status === 200) return ok("ledgers", "All ledgers answer.");
  if (reply.status === 401)
    return notChecked("ledgers", "Events from here are not accepted.", "Fix the signature first.");
  return wrong(
    "ledgers",
    `Not all ledgers answer: ${reply.status} ${messageOf(reply)}`,
    "See https://www.cloudflarestatus.com and, on the free plan, the daily limits: npx wrangler tail shows the error.",
  );
}
