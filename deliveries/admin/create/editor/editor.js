/* The HTML editor of the Create step. Bundled into static/deliveries/editor.js: see package.json. */
import { basicSetup, EditorView } from "codemirror";
import { Compartment, EditorState } from "@codemirror/state";
import { html } from "@codemirror/lang-html";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { tags } from "@lezer/highlight";
import { oneDark } from "@codemirror/theme-one-dark";

/* Dark enough on white, also on the line of the cursor, to be read by everybody (contrast 4.5 and more). */
const light = [
  syntaxHighlighting(HighlightStyle.define([
    { tag: [tags.tagName, tags.typeName, tags.angleBracket], color: "#0b5a26" },
    { tag: tags.attributeName, color: "#0a3d8f" },
    { tag: [tags.string, tags.attributeValue], color: "#8a2308" },
    { tag: tags.comment, color: "#4d5868" },
    { tag: [tags.keyword, tags.propertyName, tags.variableName, tags.number, tags.atom], color: "#4a2a86" },
  ])),
  EditorView.theme({ ".cm-gutters": { color: "#4d5868" } }),
];

function theme() {
  return document.documentElement.classList.contains("dark") ? oneDark : light;
}

function edit(area) {
  const look = new Compartment();
  const label = document.querySelector(`label[for="${area.id}"]`);
  const view = new EditorView({
    doc: area.value,
    extensions: [
      basicSetup,
      EditorState.phrases.of(JSON.parse(area.dataset.words || "{}")),
      html({ autoCloseTags: false }), // what it adds stays beside what a quick hand types
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label ? label.textContent : "HTML" }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = view.state.doc.toString();
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }),
      look.of(theme()),
    ],
  });
  new MutationObserver(() => view.dispatch({ effects: look.reconfigure(theme()) })).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ["class"],
  });
  area.after(view.dom);
  area.hidden = true;
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-insert]");
    if (!chip) return;
    const at = view.state.selection.main;
    view.dispatch({ changes: { from: at.from, to: at.to, insert: chip.dataset.insert }, selection: { anchor: at.from + chip.dataset.insert.length } });
    view.focus();
  });
}

document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("textarea[data-editor]").forEach(edit));
