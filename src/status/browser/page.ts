/** Improves the pages with JavaScript; all of them work without it. */
import { formatTime } from "../format.ts";

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();

for (const element of document.querySelectorAll<HTMLTimeElement>("time[datetime]")) {
  element.textContent = formatTime(element.dateTime, timeZone, "seconds" in element.dataset);
}
for (const element of document.querySelectorAll("[data-time-zone]")) element.textContent = timeZone;

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-local-days]")) useLocalDays(form);

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
