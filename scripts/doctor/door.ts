/**
 * Checks of a deployment from outside, as Segment sees it. None of them changes anything: what is sent is a page
 * event, or a deletion of a customer that nobody has.
 */
import { randomBytes } from "node:crypto";
import { isLocal } from "../lib/credentials.ts";
import { Deployment, messageOf, Unreachable, type Reply } from "../lib/deployment.ts";
import { sign } from "../lib/segment.ts";
import { note, notChecked, ok, wrong, type Finding } from "./finding.ts";

const PAGE = JSON.stringify({ type: "page", messageId: "doctor-page", anonymousId: "doctor" });
const PAGES = `[${PAGE},${PAGE}]`;
const SEND_AGAIN = "npx wrangler secret put SEGMENT_SHARED_SECRET";

/** @returns the findings, and whether anything further can be checked */
export async function checkHealth(
  deployment: Deployment,
  version: string,
): Promise<{ findings: Finding[]; usable: boolean }> {
  const { origin, protocol } = deployment.events;
  let reply: Reply;
  try {
    reply = await deployment.get("/health");
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const remedy = isLocal(deployment.events)
      ? "Start it with npm run dev."
      : "Check the address: npx wrangler deploy prints it, and the dashboard shows it under Workers & Pages.";
    return { findings: [wrong("reachable", error.message, remedy)], usable: false };
  }
  const health = reply.json as { status?: string; version?: string; problems?: { message: string }[] } | null;
  if (health?.status === undefined) {
    const finding =
      reply.status >= 300 && reply.status < 400
        ? wrong(
            "reachable",
            `${origin} redirects to ${reply.headers.get("Location") ?? "somewhere else"}: Segment would lose every order there.`,
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
  if (protocol === "http:" && !isLocal(deployment.events)) {
    findings.push(
      wrong("encrypted", "The address begins with http: events can be read on the way.", "Use https."),
    );
  }
  for (const { message } of health.problems ?? []) {
    findings.push(
      wrong(
        "configuration",
        message,
        "Until then events are answered 503, and Segment sends them again for four hours.",
      ),
    );
  }
  if (health.status === "ok") findings.push(ok("configuration", "Complete and free of contradictions."));
  findings.push(
    health.version === version
      ? ok("version", `${version}, the same as here.`)
      : note(
          "version",
          `${health.version ?? "unknown"} is deployed, ${version} is here.`,
          "npm run deploy brings them together.",
        ),
  );
  return { findings, usable: health.status === "ok" };
}

export async function checkMethod(deployment: Deployment): Promise<Finding> {
  const { status } = await deployment.get(deployment.events.pathname);
  return status === 405
    ? ok("method", "GET is refused with 405: only POST brings events.")
    : wrong(
        "method",
        `GET ${deployment.events.pathname} is answered ${status} instead of 405.`,
        "Something stands in front of the Worker and answers for it: look at redirects, caches and bot rules.",
      );
}

/** That what proves events opens the door, and nothing else does. */
export async function checkProof(deployment: Deployment): Promise<Finding[]> {
  const { secret, token, key } = deployment.credentials;
  if ((secret ?? token ?? key) === null) {
    const remedy = "Set SEGMENT_SHARED_SECRET in the environment or in .dev.vars.";
    return [notChecked("signature", "No shared secret is known here.", remedy)];
  }
  const found = [await checkOwnProof(deployment)];

  const unsigned = await deployment.post(PAGE, {});
  const forged = await deployment.post(PAGE, {
    "X-Signature": sign(PAGE, randomBytes(32).toString("hex")),
    Authorization: `Bearer ${randomBytes(8).toString("hex")}`,
  });
  const refused = unsigned.status === 401 && forged.status === 401;
  found.push(
    refused
      ? ok("forgery", "Without a signature, and with a wrong one, events are refused with 401.")
      : wrong(
          "forgery",
          `Not refused: without a signature ${unsigned.status}, with a wrong one ${forged.status}.`,
          "Look at what stands in front of the Worker; the Worker itself refuses both.",
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
  if (reply.status === 200) return ok("signature", "The shared secret matches: a signed event is taken.");
  if (reply.status === 401) {
    return wrong(
      "signature",
      "The deployment's shared secret is another one than here.",
      `If this one is right: ${SEND_AGAIN}. Segment's webhook destination needs the same.`,
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
      `Set a shared secret here (${SEND_AGAIN}) and the same one in Segment, and remove AUTHENTICATE_BY.`,
    );
  }
  if (reply.status === 401) {
    return notChecked(
      "signature",
      `The Integration Key opens nothing: ${messageOf(reply)}`,
      "Set SEGMENT_SHARED_SECRET in the environment or in .dev.vars.",
    );
  }
  return wrong("signature", `An event with the key is answered ${reply.status}: ${messageOf(reply)}`, LOOK);
}

const LOOK = "npx wrangler tail shows what the Worker says while you try again.";

/** A batch as Segment sends it: signed by its first event alone. */
export async function checkBatches(deployment: Deployment): Promise<Finding[]> {
  const { secret, token, key } = deployment.credentials;
  if (secret === null) {
    return [
      notChecked(
        "batches",
        "Batches are told apart by their signature; no shared secret is known here.",
        "Set SEGMENT_SHARED_SECRET.",
      ),
    ];
  }
  const signature = { "X-Signature": sign(PAGE, secret) };
  const bare = await deployment.post(PAGES, signature);
  const found = [
    bare.status === 401
      ? ok("batches", "A batch signed only over its first event is refused without a second factor.")
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
  const proven = await deployment.post(PAGES, { ...signature, Authorization: `Bearer ${value}` });
  found.push(
    proven.status === 200
      ? ok(check, `With the header Authorization: Bearer <${factor}> it is taken.`)
      : wrong(
          check,
          `With the ${factor} from here it is answered ${proven.status}: ${messageOf(proven)}`,
          `If the one from here is right: npx wrangler secret put ${name}`,
        ),
  );
  return found;
}

/** Every ledger is asked to forget a customer that nobody has: it has to look, and finds nothing. */
export async function checkLedgers(deployment: Deployment): Promise<Finding> {
  const nobody = `doctor-${randomBytes(8).toString("hex")}`;
  const reply = await deployment.send(JSON.stringify({ type: "delete", messageId: nobody, userId: nobody }));
  if (reply.status === 200) return ok("ledgers", "All of them answer.");
  if (reply.status === 401)
    return notChecked("ledgers", "Nothing is taken from here.", "Mend the signature first.");
  return wrong(
    "ledgers",
    `They do not answer: ${reply.status} ${messageOf(reply)}`,
    "See https://www.cloudflarestatus.com and, on the free plan, the day's limits: npx wrangler tail names the error.",
  );
}
