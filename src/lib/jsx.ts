/**
 * JSX as escaped HTML: the part of Hono's JSX that the pages use, with Hono's types. Hono's own brings contexts,
 * streaming and promises, and is a sixth of the Worker. The compiler imports this file (`#jsx` in package.json).
 */
import type { Child } from "hono/jsx";
import { escapeToBuffer, raw } from "hono/utils/html";

export type { JSX } from "hono/jsx/jsx-runtime";

/** What has been written so far. */
type Html = [text: string];

type Props = Readonly<Record<string, unknown>> & { children?: Child };

const WITHOUT_CONTENT = new Set(["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"]);

/** Present or absent; of any other attribute `true` and `false` are values. */
const BOOLEAN = new Set(
  "async autofocus checked controls default defer disabled download formnovalidate hidden inert loop multiple muted nomodule novalidate open readonly required reversed selected".split(
    " ",
  ),
);

/** @throws TypeError for what is neither text nor an element, such as a promise or an object */
export function jsx(tag: string | ((props: Props) => Child), props: Props): Child {
  if (typeof tag === "function") return tag(props);
  const buffer: Html = [`<${tag}`];
  for (const name in props) if (name !== "children") addAttribute(buffer, name, props[name]);
  if (WITHOUT_CONTENT.has(tag)) {
    buffer[0] += "/>";
  } else {
    buffer[0] += ">";
    addChild(buffer, props.children);
    buffer[0] += `</${tag}>`;
  }
  return raw(buffer[0]);
}

export { jsx as jsxDEV, jsx as jsxs };

export function Fragment({ children }: Props): Child {
  const buffer: Html = [""];
  addChild(buffer, children);
  return raw(buffer[0]);
}

function addAttribute(buffer: Html, name: string, value: unknown): void {
  if (value === undefined || value === null || (value === false && BOOLEAN.has(name))) return;
  buffer[0] += ` ${name}="`;
  if (value !== true || !BOOLEAN.has(name)) escapeToBuffer(textOf(value), buffer);
  buffer[0] += '"';
}

function addChild(buffer: Html, child: unknown): void {
  if (child === undefined || child === null || typeof child === "boolean") return;
  if (Array.isArray(child)) for (const one of child) addChild(buffer, one);
  else if (child instanceof String) buffer[0] += child.toString();
  else escapeToBuffer(textOf(child), buffer);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TypeError("Neither text nor an element");
}
