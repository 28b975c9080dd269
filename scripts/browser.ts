/**
 * Makes sure that there is a browser for the tests of the pages. As root on Debian it installs one; elsewhere the tests
 * say what is missing.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { findChromium } from "./lib/chromium.ts";

const mayInstall = process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
if (findChromium() === null && mayInstall) {
  console.log("Installing Chromium for the tests of the pages …");
  const apt = (...args: string[]) =>
    spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"] }).status;
  const install = (name: string) => apt("install", "-y", "-qq", "--no-install-recommends", name) === 0;
  // Older releases have only the whole browser.
  if (apt("update", "-qq") === 0) void (install("chromium-headless-shell") || install("chromium"));
}
