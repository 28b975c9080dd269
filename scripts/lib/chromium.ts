/** A real Chromium without a window, with nothing in it: for tests and for screenshots. */
import { accessSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const PLACES = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** @throws with the command that installs one, when there is none */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
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

function findChromium(): string {
  for (const place of PLACES) {
    try {
      if (place === undefined) continue;
      accessSync(place);
      return place;
    } catch {
      continue;
    }
  }
  throw new Error(
    "There is no Chromium. Install one (Debian: sudo apt-get install chromium), or say where it is: CHROMIUM=/path/to/chromium npm test",
  );
}
