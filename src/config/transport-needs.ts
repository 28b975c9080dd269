/** The values of TRANSPORT, each with the fields of `SETTINGS.trustpilot` that it cannot do without. */
export const TRANSPORT_NEEDS = {
  "integration-key": ["integrationKey"],
  "invitations-api": ["apiKey", "apiSecret", "businessUnitId", "businessUserId"],
  email: ["afsAddress", "afsFrom"],
} as const;

export type TransportName = keyof typeof TRANSPORT_NEEDS;

export const TRANSPORT_NAMES = Object.keys(TRANSPORT_NEEDS) as TransportName[];
