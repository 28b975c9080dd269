/** Improves the pages with JavaScript; all of them work without it. */

import { formatDay, formatNumber, formatTime } from "../../lib/format.ts";

const { timeZone, locale } = Intl.DateTimeFormat().resolvedOptions();

// As the reader writes times and numbers; the chart takes its labels from the table.
for (const element of document.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
  const { dateTime, dataset } = element;
  element.textContent =
    "day" in dataset
      ? formatDay(dateTime, locale)
      : formatTime(dateTime, timeZone, "seconds" in dataset, locale);
}
for (const element of document.querySelectorAll("data")) {
  element.textContent = formatNumber(Number(element.value), locale);
}
for (const element of document.querySelectorAll("[data-time-zone]")) element.textContent = timeZone;

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-local-days]")) useLocalDays(form);

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const text = document.getElementById(button.dataset["copy"]!)!.textContent.trim();
    void navigator.clipboard.writeText(text).then(() => (button.textContent = "Copied"));
  });
}

addEventListener("load", () => document.documentElement.classList.add("loaded"));

/** A form's days are days in the reader's time zone: each is sent as the moment at which it begins or ends there. */
function useLocalDays(form: HTMLFormElement): void {
  const inputs = form.querySelectorAll<HTMLInputElement>("input[type=date]");
  for (const input of inputs) {
    if (input.dataset["moment"]) input.value = localDay(new Date(input.dataset["moment"]));
  }
  form.addEventListener("formdata", ({ formData }) => {
    for (const { name, value } of inputs) {
      if (value)
        formData.set(name, new Date(`${value}T${name === "to" ? "23:59:59.999" : "00:00"}`).toISOString());
    }
  });
}

function localDay(date: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
