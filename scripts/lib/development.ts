/**
 * Secrets for the Worker on your own machine, as long as there is no .dev.vars.
 *
 * They are here and not in .dev.vars.example, because a "Deploy to Cloudflare" button puts that file's values into its
 * form: a shop could go live with a public password.
 */
export const DEVELOPMENT_SECRETS = {
  TRUSTPILOT_INTEGRATION_KEY: "devIntegrationKy",
  SEGMENT_SHARED_SECRET: "a shared secret for development",
  STATUS_PASSWORD: "development password",
};
