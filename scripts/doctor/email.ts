/** The feedback e-mail: Trustpilot never answers, so only what is written down here can be checked. */
import type { Config } from "../../src/config/config.ts";
import { note, ok, wrong, type Finding } from "./finding.ts";

export interface MailBinding {
  name?: string;
  destination_address?: string;
}

/** @param bindings `send_email` of wrangler.toml */
export function checkEmail(
  { afsAddress }: Config["trustpilot"],
  bindings: readonly MailBinding[],
): Finding[] {
  const binding = bindings.find(({ name }) => name === "EMAIL");
  return [
    binding?.destination_address === afsAddress
      ? ok("mail binding", "EMAIL is pinned to the account's own address.")
      : wrong(
          "mail binding",
          binding === undefined
            ? "There is no binding EMAIL."
            : "EMAIL is not pinned to TRUSTPILOT_AFS_ADDRESS.",
          'Add [[send_email]] with name = "EMAIL" and that destination_address to wrangler.toml, and deploy.',
        ),
    afsAddress?.endsWith("@invite.trustpilot.com")
      ? ok("AFS address", "It is one of Trustpilot's.")
      : wrong(
          "AFS address",
          "TRUSTPILOT_AFS_ADDRESS is not at invite.trustpilot.com.",
          "Copy it from Trustpilot > Get reviews > E-mail invitations.",
        ),
    note(
      "Trustpilot",
      "It never answers an e-mail.",
      "Look for the first order among the invitations at Trustpilot.",
    ),
  ];
}
