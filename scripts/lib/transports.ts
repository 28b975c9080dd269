/** Every transport as the demo, the soak and the simulation set it up against the stand-in. */
import { SETTINGS, type Settings } from "../../src/config/settings.ts";
import { TRANSPORT_NAMES, type TransportName } from "../../src/config/transport-needs.ts";
import { API_SECRET } from "../stand-in/behaviour.ts";
import { UserError } from "./command.ts";
import type { StandIn } from "./stand-in.ts";
import type { WorkerOptions } from "./workerd.ts";

export const TRANSPORT_HELP = `
  --transport NAME   how invitations reach Trustpilot: integration-key (the
                     default), invitations-api or email`;

/** @throws UserError */
export function readTransport(name: string = SETTINGS.trustpilot.transport.fallback): TransportName {
  const known = TRANSPORT_NAMES.find((one) => one === name);
  if (known !== undefined) return known;
  throw new UserError(`--transport must be one of ${TRANSPORT_NAMES.join(", ")}, not "${name}".`);
}

/** What a Worker needs for it. @param key the account at the stand-in, and what proves batches */
export function withTransport(
  transport: TransportName,
  key: string,
  { apiUrl, origin }: Pick<StandIn, "apiUrl" | "origin">,
): Required<Pick<WorkerOptions, "bindings" | "mailTo">> {
  const settings: Record<TransportName, Settings> = {
    "integration-key": {
      TRUSTPILOT_INTEGRATION_KEY: key,
      TRUSTPILOT_API_URL: apiUrl,
      SHOP_ORIGIN: "https://shop.example.com",
    },
    "invitations-api": {
      TRUSTPILOT_API_KEY: key,
      TRUSTPILOT_API_SECRET: API_SECRET,
      TRUSTPILOT_BUSINESS_UNIT_ID: "507f191e810c19729de860ea",
      TRUSTPILOT_BUSINESS_USER_ID: "507f191e810c19729de86001",
      TRUSTPILOT_AUTH_URL: `${origin}/v1`,
      TRUSTPILOT_INVITATIONS_URL: `${origin}/v1`,
      SEGMENT_TOKEN: key,
    },
    email: {
      TRUSTPILOT_AFS_ADDRESS: `${key}@invite.trustpilot.com`,
      TRUSTPILOT_AFS_FROM: "orders@shop.example.com",
      SEGMENT_TOKEN: key,
    },
  };
  return {
    bindings: { TRANSPORT: transport, ...(settings[transport] as Record<string, string>) },
    mailTo: transport === "email" ? `${origin}/mail` : null,
  };
}
