/**
 * Secrets for the Worker on your own machine, as long as there is no .dev.vars.
 *
 * They stand here and not in .dev.vars.example, because a "Deploy to Cloudflare" button fills that file's values
 * into its form: somebody would go live with a password that everybody can read.
 */
export const DEVELOPMENT_SECRETS = {
  TRUSTPILOT_INTEGRATION_KEY: "devIntegrationKy",
  SEGMENT_SHARED_SECRET: "a shared secret for development",
  STATUS_PASSWORD: "development password",
};
