/* The sender line of a newsletter as a mail program shows it, while it is written. */
(function () {
  "use strict";
  function start() {
    const card = document.querySelector("[data-sender]");
    const field = (name) => document.querySelector(`[name="${name}"]`);
    const name = field("from_name"),
      address = field("from_address"),
      reply = field("reply_to");
    if (!card || !address) return;
    const find = (what) => card.querySelector(`[data-sender-${what}]`);
    const domains = card.dataset.domains === undefined ? null : card.dataset.domains.split(" ").filter(Boolean);

    function show() {
      const written = address.value.trim(),
        called = name ? name.value.trim() : "";
      find("name").textContent = called || written || "\u2014";
      find("address").textContent = called ? `<${written}>` : "";
      const back = reply ? reply.value.trim() : "";
      find("reply").hidden = !back;
      find("reply").querySelector("span").textContent = back;
      const domain = written.slice(written.lastIndexOf("@") + 1).toLowerCase();
      const judged = domains !== null && written.includes("@") && /^[a-z0-9.-]+$/.test(domain);
      const refused = judged && !domains.includes(domain);
      find("refused").textContent = refused ? find("refused").dataset.sentence.replace("{domain}", domain) : "";
    }
    for (const one of [name, address, reply]) if (one) one.addEventListener("input", show);
    show();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
