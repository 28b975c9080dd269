/**
 * Checks a deployment from outside, as Segment sees it. Nothing is changed: what is sent is a page event, or the
 * deletion of a customer that does not exist.
 */
import { randomBytes } from "node:crypto";
import { isLoopback } from "../../src/config/kinds.ts";
import { Deployment, messageOf, Unreachable, type Reply } from "../lib/deployment.ts";
import { isPrivate } from "../lib/secret-headers.ts";
import { sign } from "../lib/segment.ts";
import { note, notChecked, ok, wrong, type Finding } from "./finding.ts";

const PAGE = JSON.stringify({ type: "page", messageId: "doctor-page", anonymousId: "doctor" });
const PAGES = `[${PAGE},${PAGE}]`;
const SET_SECRET = "npx wrangler secret put SEGMENT_SHARED_SECRET";

/** @returns the findings, and whether anything further can be checked */
export async function checkHealth(
  deployment: Deployment,
  version: string,
): Promise<{ findings: Finding[]; usable: boolean }> {
  const { origin } = deployment.events;
  let reply: Reply;
  try {
    reply = await deployment.get("/health");
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const remedy = isLoopback(deployment.events)
      ? "Start it with npm run dev."
      : "Check the address: npx wrangler deploy prints it, and the dashboard shows it under Workers & Pages.";
    return { findings: [wrong("reachable", error.message, remedy)], usable: false };
  }
  const health = reply.json as { status?: string } | null;
  if (health?.status === undefined) {
    const finding =
      reply.status >= 300 && reply.status < 400
        ? wrong(
            "reachable",
            `${origin} redirects to ${reply.header("Location") ?? "somewhere else"}: Segment would lose every order there.`,
            "Use the address that it redirects to, in Segment too.",
          )
        : wrong(
            "reachable",
            `${origin} answers, but not as this Worker: ${reply.status} ${messageOf(reply)}`,
            "Check the address, and that the route or custom domain leads to this Worker.",
          );
    return { findings: [finding], usable: false };
  }

  const findings = [ok("reachable", `${origin} answers.`)];
  if (!isPrivate(deployment.events)) {
    const message = "The address begins with http: events and secrets could be read on the way.";
    findings.push(wrong("encrypted", message, "Use https; until then nothing else is checked."));
    return { findings, usable: false };
  }
  const details = await readDetails(deployment);
  if (health.status === "ok") findings.push(ok("configuration", "Complete and free of contradictions."));
  else findings.push(...(await checkConfiguration(deployment, details)));
  findings.push(judgeVersion(details, version));
  return { findings, usable: health.status === "ok" };
}

/** What /health keeps from strangers; `null` when the orders do not open from here. */
type Details = { version: string; problems: { message: string }[] } | null;

async function readDetails(deployment: Deployment): Promise<Details> {
  const reply = await deployment.get("/status/health");
  return reply.status === 200 ? (reply.json as Details) : null;
}

/** Without the password, what an event is answered names the problems too. */
async function checkConfiguration(deployment: Deployment, details: Details): Promise<Finding[]> {
  const messages = details?.problems.map(({ message }) => message) ?? [
    messageOf(await deployment.post(PAGE, {})),
  ];
  return messages.map((message) =>
    wrong(
      "configuration",
      message,
      "Until then events are answered 503, and Segment sends them again for four hours.",
    ),
  );
}

function judgeVersion(details: Details, version: string): Finding {
  if (details === null)
    return notChecked("version", "Only the status page tells it.", "Set STATUS_PASSWORD in the environment.");
  return details.version === version
    ? ok("version", `${version}, the same as here.`)
    : note(
        "version",
        `${details.version} is deployed, ${version} is here.`,
        "npm run deploy brings them together.",
      );
}

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
  const { secret, token, key } = deployment.credentials;
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
  const [check, factor, name] =
    token === null
      ? (["batches with key", "Integration Key", "TRUSTPILOT_INTEGRATION_KEY"] as const)
      : (["batches with token", "SEGMENT_TOKEN", "SEGMENT_TOKEN"] as const);
  const value = token ?? key;
  if (value === null) {
    const remedy = `Set ${name} in the environment or in .dev.vars.`;
    return [...found, notChecked(check, `The ${factor} is not known here.`, remedy)];
  }
  const proven = await deployment.post(PAGES, { ...first, Authorization: `Bearer ${value}` });
  found.push(
    proven.status === 200
      ? ok(check, `With the header Authorization: Bearer <${factor}> it is accepted.`)
      : wrong(
          check,
          `With the ${factor} from here it is answered ${proven.status}: ${messageOf(proven)}`,
          `If the one from here is right: npx wrangler secret put ${name}`,
        ),
  );
  return found;
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
