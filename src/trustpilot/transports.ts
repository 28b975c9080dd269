import type { TrustpilotConfig } from "../config/config.ts";
import type { TransportName } from "../config/transport-needs.ts";
import { email } from "./email/email.ts";
import { integrationKey } from "./integration-key/integration-key.ts";
import { invitationsApi } from "./invitations-api/invitations-api.ts";
import type { Services, Transport } from "./transport.ts";

/** By the value of TRANSPORT. */
export const TRANSPORTS: Record<
  TransportName,
  (settings: TrustpilotConfig, services: Services) => Transport
> = {
  "integration-key": integrationKey,
  "invitations-api": invitationsApi,
  email,
};
