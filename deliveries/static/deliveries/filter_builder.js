/* The builder of a filter: conditions as rows of a sentence, groups within groups, counted while one writes.
   The form's own fields (a hidden text of JSON, and how the outermost conditions join) stay what is sent. */
(function () {
  "use strict";
  const NO_VALUE = ["is_empty", "is_not_empty"],
    LISTS = ["in", "not_in"];
  const PAUSE = 400;

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }

  function option(value, text, chosen) {
    const made = element("option", { value }, text);
    made.selected = value === chosen;
    return made;
  }

  class Builder {
    constructor(root) {
      this.root = root;
      this.text = root.querySelector("textarea");
      this.rows = root.querySelector("[data-rows]");
      this.said = root.querySelector("[data-said]");
      this.form = root.closest("form");
      this.matchField = this.form.elements[root.dataset.matchField];
      this.databaseField = this.form.elements[root.dataset.databaseField];
      this.tree = { match: (this.matchField && this.matchField.value) || "all", conditions: this.read() };
      if (this.matchField) this.hide(this.matchField);
      if (this.databaseField && !root.dataset.database) {
        this.databaseField.addEventListener("change", () => this.load());
        if (window.django && window.django.jQuery)
          window.django.jQuery(this.databaseField).on("change", () => this.load());
      }
      this.load();
    }

    hide(field) {
      const row = field.closest(".field-row, .form-row, .field-match") || field.parentElement;
      row.hidden = true;
    }

    read() {
      try {
        const kept = JSON.parse(this.text.value || "[]");
        return Array.isArray(kept) ? kept : [];
      } catch (_error) {
        return [];
      }
    }

    get database() {
      return this.root.dataset.database || (this.databaseField && this.databaseField.value) || "";
    }

    async load() {
      const database = this.database;
      if (!database) {
        this.rows.replaceChildren();
        this.said.textContent = this.root.dataset.loading;
        return;
      }
      const query = new URLSearchParams({ database, own: this.root.dataset.own });
      this.root.setAttribute("aria-busy", "true");
      const answer = await fetch(`${this.root.dataset.words}?${query}`, { credentials: "same-origin" });
      this.root.removeAttribute("aria-busy");
      if (!answer.ok || database !== this.database) return;
      this.words = await answer.json();
      if (!this.tree.conditions.length) this.tree.conditions.push(this.fresh());
      this.draw();
    }

    fresh() {
      const field = this.words.fields.find((each) => each.type !== "email") || this.words.fields[0];
      return { field: field.name, op: field.operators[0].op, value: "" };
    }

    draw() {
      this.rows.replaceChildren(this.group(this.tree, null));
      this.changed();
    }

    group(group, parent) {
      const words = this.words.words;
      const join = element(
        "select",
        {
          class: "xd-input",
          "aria-label": words.how,
          onchange: (event) => {
            group.match = event.target.value;
            this.changed();
          },
        },
        option("all", words.all, group.match || "all"),
        option("any", words.any, group.match || "all"),
      );
      const head = element("div", { class: "xd-builder-head" }, join);
      if (parent) head.append(this.remove(parent, group));
      const list = element(
        "ul",
        { class: "xd-builder-list" },
        ...group.conditions.map((each) =>
          element("li", {}, each.conditions ? this.group(each, group) : this.row(each, group)),
        ),
      );
      const add = (made) => {
        group.conditions.push(made);
        this.draw();
        this.focusLast();
      };
      const foot = element(
        "div",
        { class: "xd-builder-foot" },
        element(
          "button",
          { type: "button", class: "xd-button xd-small", onclick: () => add(this.fresh()) },
          words.add,
        ),
        element(
          "button",
          {
            type: "button",
            class: "xd-button xd-small",
            onclick: () => add({ match: "any", conditions: [this.fresh()] }),
          },
          words.group,
        ),
      );
      return element("fieldset", { class: "xd-builder-group" }, head, list, foot);
    }

    focusLast() {
      const rows = this.rows.querySelectorAll("[data-what]");
      if (rows.length) rows[rows.length - 1].focus();
    }

    remove(group, condition) {
      const act = () => {
        group.conditions.splice(group.conditions.indexOf(condition), 1);
        this.draw();
        this.focusLast();
      };
      return element(
        "button",
        {
          type: "button",
          class: "xd-button xd-small",
          "aria-label": this.words.words.remove,
          title: this.words.words.remove,
          onclick: act,
        },
        "×",
      );
    }

    row(condition, group) {
      const row = element("div", { class: "xd-builder-row" }, this.what(condition));
      if (condition.kind) row.append(this.behaviour(condition), this.choices(condition));
      else {
        row.append(this.operators(condition));
        if (!NO_VALUE.includes(condition.op)) row.append(this.value(condition));
      }
      if (group.conditions.length > 1 || group !== this.tree) row.append(this.remove(group, condition));
      return row;
    }

    what(condition) {
      const words = this.words.words,
        chosen = condition.kind ? "kind:" + condition.kind : "field:" + this.field(condition).name;
      const fields = element(
        "optgroup",
        { label: words.fields },
        ...this.words.fields.map((each) => option("field:" + each.name, each.name, chosen)),
      );
      const kinds = element(
        "optgroup",
        { label: words.behaviour },
        ...this.words.kinds.map((each) => option("kind:" + each.kind, each.is, chosen)),
      );
      const change = (event) => {
        const [sort, name] = [
          event.target.value.slice(0, event.target.value.indexOf(":")),
          event.target.value.slice(event.target.value.indexOf(":") + 1),
        ];
        for (const key of Object.keys(condition)) delete condition[key];
        if (sort === "kind")
          Object.assign(condition, {
            kind: name,
            op: "is",
            id: (this.words.choices[this.kind(name).choices][0] || {}).id || 0,
          });
        else
          Object.assign(condition, {
            field: name,
            op: this.words.fields.find((each) => each.name === name).operators[0].op,
            value: "",
          });
        this.redraw("[data-what]", condition);
      };
      return element(
        "select",
        { class: "xd-input", "data-what": "", "aria-label": words.what, onchange: change },
        fields,
        kinds,
      );
    }

    /* Draws anew and gives the focus back to the same control of the same condition. */
    redraw(selector, condition) {
      const before = [...this.rows.querySelectorAll(selector)].indexOf(document.activeElement);
      this.draw();
      const after = this.rows.querySelectorAll(selector)[before];
      if (after) after.focus();
      return condition;
    }

    kind(name) {
      return this.words.kinds.find((each) => each.kind === name);
    }

    field(condition) {
      const wanted = String(condition.field || "").toLowerCase();
      return (
        this.words.fields.find((each) => each.name.toLowerCase() === wanted) || {
          name: condition.field,
          type: "string",
          operators: [{ op: condition.op, words: condition.op }],
        }
      );
    }

    behaviour(condition) {
      const kind = this.kind(condition.kind),
        chosen = condition.op || "is";
      return element(
        "select",
        {
          class: "xd-input",
          "aria-label": this.words.words.how,
          onchange: (event) => {
            condition.op = event.target.value;
            this.changed();
          },
        },
        option("is", kind.is, chosen),
        option("is_not", kind.is_not, chosen),
      );
    }

    choices(condition) {
      const offered = this.words.choices[this.kind(condition.kind).choices].slice();
      if (condition.id && !offered.some((each) => each.id === condition.id))
        offered.push({ id: condition.id, name: this.words.words.gone.replace("%(id)s", condition.id) });
      return element(
        "select",
        {
          class: "xd-input xd-wide",
          "aria-label": this.words.words.value,
          onchange: (event) => {
            condition.id = Number(event.target.value);
            this.changed();
          },
        },
        ...offered.map((each) => option(String(each.id), each.name, String(condition.id))),
      );
    }

    operators(condition) {
      const change = (event) => {
        const list = LISTS.includes(event.target.value),
          was = LISTS.includes(condition.op);
        condition.op = event.target.value;
        if (NO_VALUE.includes(condition.op)) delete condition.value;
        else if (list && !was) condition.value = condition.value ? [condition.value] : [];
        else if (!list && was) condition.value = (condition.value || [""])[0] || "";
        else if (condition.value === undefined) condition.value = "";
        this.redraw("[data-how]", condition);
      };
      return element(
        "select",
        { class: "xd-input", "data-how": "", "aria-label": this.words.words.how, onchange: change },
        ...this.field(condition).operators.map((each) => option(each.op, each.words, condition.op)),
      );
    }

    value(condition) {
      const words = this.words.words,
        type = this.field(condition).type,
        list = LISTS.includes(condition.op);
      const keep = (value) => {
        condition.value = value;
        this.changed();
      };
      if (type === "boolean" && !list) {
        if (typeof condition.value !== "boolean") condition.value = true;
        return element(
          "select",
          { class: "xd-input", "aria-label": words.value, onchange: (event) => keep(event.target.value === "1") },
          option("1", words.yes, condition.value ? "1" : "0"),
          option("0", words.no, condition.value ? "1" : "0"),
        );
      }
      const kinds = { date: "date", integer: "text", decimal: "text" };
      const shown = Array.isArray(condition.value)
        ? condition.value.join(", ")
        : condition.value === undefined
          ? ""
          : String(condition.value);
      const read = (text) =>
        list
          ? text
              .split(",")
              .map((each) => each.trim())
              .filter((each) => each)
          : text;
      return element("input", {
        class: "xd-input xd-wide",
        type: list ? "text" : kinds[type] || "text",
        value: shown,
        "aria-label": words.value,
        placeholder: list ? words.several : null,
        inputmode: type === "integer" || type === "decimal" ? "decimal" : null,
        oninput: (event) => keep(read(event.target.value)),
      });
    }

    changed() {
      this.text.value = JSON.stringify(this.tree.conditions);
      if (this.matchField) this.matchField.value = this.tree.match || "all";
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.count(), PAUSE);
    }

    async count() {
      const token = this.form.querySelector("[name=csrfmiddlewaretoken]").value;
      const body = new URLSearchParams({
        database: this.database,
        match: this.tree.match || "all",
        conditions: this.text.value,
      });
      const asked = this.text.value;
      const answer = await fetch(this.root.dataset.count, {
        method: "POST",
        credentials: "same-origin",
        headers: { "X-CSRFToken": token },
        body,
      });
      if (!answer.ok || asked !== this.text.value) return;
      const said = await answer.json();
      this.said.classList.toggle("xd-wrong", Boolean(said.problem));
      this.said.textContent =
        said.problem ||
        [said.sentence && said.sentence + " → ", said.people, said.example && ", " + said.example]
          .filter(Boolean)
          .join("");
    }
  }

  function start() {
    document.querySelectorAll("[data-builder]:not([data-started])").forEach((root) => {
      root.dataset.started = "";
      new Builder(root);
    });
  }
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSettle", start);
})();
