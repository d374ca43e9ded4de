/* The HTML editor of the Create step. Bundled into static/deliveries/editor.js: see package.json. */
import { basicSetup, EditorView } from "codemirror";
import { html } from "@codemirror/lang-html";
import { oneDark } from "@codemirror/theme-one-dark";

function edit(area) {
  const dark = document.documentElement.classList.contains("dark");
  const label = document.querySelector(`label[for="${area.id}"]`);
  const view = new EditorView({
    doc: area.value,
    extensions: [
      basicSetup,
      html(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label ? label.textContent : "HTML" }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        area.value = view.state.doc.toString();
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }),
      dark ? oneDark : [],
    ],
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
