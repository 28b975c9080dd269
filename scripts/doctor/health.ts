/** Whether a deployment is there, is set up, and is this version. */
import { isLoopback } from "../../src/config/kinds.ts";
import { messageOf, Unreachable, type Deployment, type Reply } from "../lib/deployment.ts";
import { isPrivate } from "../lib/secret-headers.ts";
import { PAGE } from "./door.ts";
import { note, notChecked, ok, wrong, type Finding } from "./finding.ts";

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
    return { findings: [judgeStranger(origin, reply)], usable: false };
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

function judgeStranger(origin: string, reply: Reply): Finding {
  return reply.status >= 300 && reply.status < 400
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
