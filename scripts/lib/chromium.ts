/** Chromium without a window and with an empty profile: for tests and screenshots. */
import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";

const PLACES = [
  process.env["CHROMIUM"],
  // Without what only a window needs: half the work.
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** @throws with the command that installs one, when there is none */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) {
    throw new Error(
      "No Chromium found. Install it (Debian: sudo apt-get install chromium-headless-shell), or say where it is: CHROMIUM=/path/to/chromium npm test",
    );
  }
  // Loaded only when needed: it takes most of a second.
  const { chromium } = await import("playwright-core");
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** The path of Chromium or Chrome; `null` when it is in none of the usual places. */
export function findChromium(): string | null {
  return PLACES.find((place) => place !== undefined && existsSync(place)) ?? null;
}
