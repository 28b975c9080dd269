/** The pages' JSX against Hono's own, which it stands in for. */
import { Fragment as HonoFragment, jsx as honoJsx } from "hono/jsx";
import { raw } from "hono/utils/html";
import { describe, expect, it } from "vitest";
import { Fragment, jsx } from "../../src/lib/jsx.ts";

type Element = { tag: string; props?: Record<string, unknown>; children?: unknown[] };

/** As it is sent: an element is an object of the class String. */
const text = (element: unknown) => (element as string).toString();

/** The same element made by either. */
function ours({ tag, props = {}, children = [] }: Element): string {
  return text(jsx(tag, { ...props, children: children.map(made(ours)) } as never));
}

function honos({ tag, props = {}, children = [] }: Element): string {
  return String(honoJsx(tag, { ...props }, ...(children.map(made(honos)) as never[])));
}

const made =
  (make: (element: Element) => string) =>
  (child: unknown): unknown => {
    if (Array.isArray(child)) return child.map(made(make));
    return typeof child === "object" && child !== null ? raw(make(child as Element)) : child;
  };

describe("an element is written as Hono writes it", () => {
  it.each<[string, Element]>([
    ["without anything", { tag: "p" }],
    ["with text", { tag: "p", children: [`<b> & "it's"`, "x"] }],
    [
      "with numbers, and nothing for what is no text",
      { tag: "p", children: [0, -1.5, null, undefined, true, false, ""] },
    ],
    ["with lists in lists", { tag: "ul", children: [[{ tag: "li", children: ["a"] }, ["b", ["<"]]], "c"] }],
    [
      "with elements in elements",
      { tag: "div", children: [{ tag: "p", children: [{ tag: "b", children: ["<"] }] }] },
    ],
    ["that never has content", { tag: "input", props: { name: "id" } }],
    ["whose attribute would end it", { tag: "a", props: { href: `"><script>'&` } }],
    ["with an attribute that is missing", { tag: "p", props: { class: undefined, id: null, title: "" } }],
    [
      "with attributes that are there or not",
      { tag: "input", props: { required: true, hidden: false, checked: true } },
    ],
    ["with true and false as values", { tag: "input", props: { spellcheck: false, "aria-hidden": true } }],
    ["with numbers as values", { tag: "main", props: { tabindex: -1, "data-count": 0 } }],
    [
      "of SVG",
      {
        tag: "svg",
        props: { viewBox: "0 0 1 1", "aria-hidden": "true" },
        children: [{ tag: "path", props: { d: "M8" } }],
      },
    ],
  ])("%s", (_, element) => {
    expect(ours(element)).toBe(honos(element));
  });

  it("and so is a fragment", () => {
    const children = ["a", "<", null, 1];
    expect(text(Fragment({ children }))).toBe(String(HonoFragment({ children })));
  });
});

it("a component gets its props, and what it returns is escaped unless it is an element", () => {
  const component = ({ word }: { readonly [name: string]: unknown }) =>
    word === "" ? null : (word as string);
  const page = (word: string) => text(jsx("p", { children: jsx(component, { word }) }));
  expect(page("<b>")).toBe("<p>&lt;b&gt;</p>");
  expect(page("")).toBe("<p></p>");
});

it.each([
  ["a promise", Promise.resolve("x")],
  ["an object", { toString: () => "<b>" }],
  ["a function", () => "x"],
])("%s throws as a child and as an attribute", (_, value) => {
  expect(() => jsx("p", { children: value as never })).toThrow(TypeError);
  expect(() => jsx("p", { title: value })).toThrow(TypeError);
});
