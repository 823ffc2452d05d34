// What pages do by themselves. Everything here is extra: without it the same pages still
// list, edit and act through plain links and forms.
(() => {
  "use strict";
  const body = document.body;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const on = (type, handler, options) => document.addEventListener(type, handler, options);
  const click = (selector, handler) =>
    on("click", (e) => {
      const el = e.target.closest(selector);
      if (el) handler(el, e);
    });

  // ---- Times that tick. The words come from <body>; the rule is that of i18n.Duration.
  const units = body.dataset.units.split("|").map((word, i) => ({ word, size: [86400, 3600, 60, 1][i] }));
  function span(seconds) {
    const i = Math.max(0, units.findIndex((u) => seconds >= u.size));
    const first = seconds < 1 ? units[3] : units[i];
    let text = Math.floor(seconds / first.size) + first.word;
    const next = seconds < 1 ? null : units[i + 1];
    const rest = next ? Math.floor((seconds % first.size) / next.size) : 0;
    if (rest > 0) text += body.dataset.space + rest + next.word;
    return text;
  }
  function tick() {
    const now = Date.now();
    for (const el of all("time[data-tick]")) {
      const seconds = (new Date(el.dateTime) - now) / 1000;
      let text;
      if (el.dataset.tick === "elapsed") text = span(Math.max(0, Math.floor(-seconds)));
      else if (seconds >= 1) text = body.dataset.in.replace("{}", span(Math.floor(seconds)));
      else if (seconds <= -1) text = body.dataset.ago.replace("{}", span(Math.floor(-seconds)));
      else text = body.dataset.now;
      if (el.textContent !== text) el.textContent = text;
    }
  }
  setInterval(() => document.hidden || tick(), 1000);

  // ---- Toasts
  function toast(tone, text) {
    const icon = (name) => document.querySelector(`#toast-icons`).content.querySelector(`[data-tone="${name}"]`)?.firstElementChild.cloneNode(true);
    const el = document.createElement("div");
    el.className = `toast tone-${tone}`;
    el.dataset.toast = "";
    const words = document.createElement("span");
    words.className = "grow";
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-ghost btn-icon";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", body.dataset.dismissLabel);
    close.append(icon("x") ?? "×");
    el.append(icon(tone) ?? "", words, close);
    document.getElementById("toasts").append(el);
    expire(el, tone);
  }
  const expire = (el, tone) => tone === "failed" || setTimeout(() => el.remove(), 6000);
  click("[data-dismiss]", (el) => el.closest("[data-toast]").remove());
  on("toast", (e) => toast(e.detail.tone ?? "ok", e.detail.text ?? e.detail.value ?? ""));
  // A live part that cannot be fetched again says nothing: the next change tries anew.
  const byItself = (e) => e.detail.requestConfig.triggeringEvent?.type === "sse:changed";
  on("htmx:responseError", (e) => byItself(e) || e.detail.xhr.getResponseHeader("HX-Trigger") || toast("failed", body.dataset.failed));
  on("htmx:sendError", (e) => byItself(e) || toast("failed", body.dataset.offline));

  // ---- Questions before an action
  function ask(question, yes) {
    const dialog = document.getElementById("confirm");
    document.getElementById("confirm-text").textContent = question;
    closeMenus(); // so that the focus, which comes back here, is on something that is seen
    dialog.showModal();
    dialog.onclick = (e) => {
      const answer = e.target === dialog ? "no" : e.target.closest("[data-answer]")?.dataset.answer;
      if (!answer) return;
      dialog.close();
      if (answer === "yes") yes();
    };
  }
  on("htmx:confirm", (e) => {
    if (!e.detail.question) return;
    e.preventDefault();
    ask(e.detail.question, () => e.detail.issueRequest(true));
  });
  on("submit", (e) => {
    const question = e.target.dataset.confirm;
    if (!question || e.target.dataset.sure) return;
    e.preventDefault();
    ask(question, () => {
      e.target.dataset.sure = "1";
      e.target.requestSubmit(e.submitter);
    });
  });
  click("[data-open-dialog]", (el) => document.getElementById(el.dataset.openDialog).showModal());
  click("[data-close-dialog]", (el) => el.closest("dialog").close());

  // ---- Forms about a job in a dialog; each is a page of its own as well
  const sheet = () => document.getElementById("sheet");
  on("htmx:afterSwap", (e) => {
    if (e.detail.target?.id === "sheet-body" && !sheet().open) sheet().showModal();
  });
  on("htmx:afterRequest", (e) => {
    if (e.detail.successful && e.detail.requestConfig.verb === "post" && sheet()?.contains(e.target)) sheet().close();
  });
  click("[data-fill]", (el) => (el.form.elements[el.dataset.fill].value = el.dataset.value));

  // ---- Menus close when something else is used
  function closeMenus(except) {
    for (const menu of all("details[data-menu][open]")) {
      if (menu === except) continue;
      const inside = menu.contains(document.activeElement);
      menu.removeAttribute("open");
      if (inside) menu.querySelector("summary").focus();
    }
  }
  on("click", (e) => closeMenus(e.target.closest("details[data-menu]")));
  click(".menu-item", () => setTimeout(closeMenus));

  // ---- Live parts: an open menu stays open, focus and cursor stay where they are
  const ours = { open: "details", class: "[data-band]", "aria-expanded": "[data-fold]" }; // what the server knows nothing of
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name in ours && node.matches(ours[name]));
  const picked = () => all("[data-select]:checked");
  const seen = (el) => el.getClientRects().length > 0;
  let stale = null;
  on("htmx:beforeRequest", (e) => {
    const live = e.target.closest?.("[data-live]");
    if (live !== e.target || !byItself(e)) return;
    if (picked().length > 0 || document.querySelector("dialog[open]")) {
      e.preventDefault();
      stale = live;
    }
  });
  // A button is switched off while its request runs, which takes the focus away from it.
  let held = null;
  on("htmx:beforeRequest", (e) => (held = document.activeElement === e.detail.elt ? e.detail.elt : held));
  on("htmx:afterRequest", (e) => {
    if (!held || e.detail.elt !== held) return;
    if (document.activeElement === body) held.focus({ preventScroll: true });
    held = null;
  });
  function catchUp() {
    if (stale && picked().length === 0) htmx.trigger(stale, "sse:changed");
    if (picked().length === 0) stale = null;
  }
  on("close", () => setTimeout(catchUp, 500), true);
  on("htmx:afterSettle", () => {
    tick();
    drawBands();
    drawSelection();
    drawCursor();
  });

  // ---- Bands of groups: folded ones stay so on this browser
  const folded = () => {
    try {
      return JSON.parse(localStorage.getItem("carillon-folded")) ?? [];
    } catch {
      return [];
    }
  };
  function drawBands() {
    const groups = folded();
    for (const band of all("[data-band]")) {
      const fold = band.querySelector("[data-fold]");
      if (!fold) continue;
      const closed = groups.includes(band.dataset.band);
      band.classList.toggle("folded", closed);
      fold.setAttribute("aria-expanded", String(!closed));
    }
  }
  click("[data-fold]", (el) => {
    const group = el.closest("[data-band]").dataset.band;
    const others = folded().filter((name) => name !== group);
    const open = el.getAttribute("aria-expanded") === "true";
    try {
      localStorage.setItem("carillon-folded", JSON.stringify(open ? [...others, group].slice(-200) : others));
    } catch {
      // Nothing is remembered then, so nothing can be folded.
    }
    drawBands();
  });

  // ---- Selection
  let lastPicked = null;
  function drawSelection() {
    const chosen = picked().length;
    all("[data-select]").forEach((box) => box.closest("[data-row]")?.classList.toggle("picked", box.checked));
    const bar = document.getElementById("bulk");
    if (!bar) return;
    bar.classList.toggle("on", chosen > 0);
    const count = bar.querySelector("[data-selected-text]");
    count.textContent = count.dataset.selectedText.replace("{}", chosen);
    const every = document.querySelector("[data-select-all]");
    if (every) {
      every.checked = chosen > 0 && chosen === all("[data-select]").filter(seen).length;
      every.indeterminate = chosen > 0 && !every.checked;
    }
    if (chosen === 0) catchUp();
  }
  const pickAll = (state) => {
    all("[data-select]").forEach((box) => (box.checked = state && seen(box))); // never what is folded away
    drawSelection();
  };
  on("change", (e) => {
    if (e.target.matches("[data-select-all]")) pickAll(e.target.checked);
    else if (e.target.matches("[data-select]")) drawSelection();
  });
  click("[data-select-none]", () => pickAll(false));
  click("[data-select]", (box, e) => {
    const boxes = all("[data-select]");
    const [a, b] = [boxes.indexOf(lastPicked), boxes.indexOf(box)].sort((x, y) => x - y);
    if (e.shiftKey && a >= 0) boxes.slice(a, b + 1).forEach((other) => (other.checked = box.checked));
    lastPicked = box;
    drawSelection();
  });
  on("htmx:afterRequest", (e) => {
    if (e.target.closest?.("#bulk") && e.detail.successful) pickAll(false);
  });

  // ---- Rows: a click anywhere opens; the cursor of the keyboard
  const rows = () => all("[data-row]").filter(seen);
  let cursor = null;
  function drawCursor() {
    const row = cursor && (document.getElementById(cursor.id) || (cursor.isConnected ? cursor : null));
    rows().forEach((r) => r.classList.toggle("at", r === row));
    cursor = row;
  }
  function move(step) {
    const list = rows();
    if (list.length === 0) return;
    const at = list.indexOf(cursor);
    cursor = list[at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + step))];
    drawCursor();
    cursor.scrollIntoView({ block: "nearest" });
  }
  click("[data-row]", (row, e) => {
    if (e.target.closest("a, button, input, label, summary, details, time") || String(getSelection())) return;
    if (e.metaKey || e.ctrlKey) window.open(row.dataset.href);
    else location.href = row.dataset.href;
  });

  // ---- Bars: which run lies under the pointer. The data is that of component.Bars.
  function barAt(link, e) {
    const box = link.querySelector("svg").getBoundingClientRect();
    const scale = Math.min(box.width / 149, box.height / 24);
    const bars = link.dataset.bars.split(" ").map((bar) => bar.split(".").map((n) => parseInt(n, 36)));
    const place = 29 - Math.floor((e.clientX - box.left) / scale / 5);
    const bar = bars[place];
    if (!(bar?.length === 3)) return null;
    const at = bars.slice(1, place + 1).reduce((t, [step]) => t - step, bars[0][0]);
    return { at, took: bar[1], state: body.dataset.states.split("|")[bar[2]] };
  }
  on("mousemove", (e) => {
    const link = e.target.closest?.("[data-bars]");
    if (!link) return;
    const bar = barAt(link, e);
    link.title = "";
    if (!bar) return;
    const at = new Date(bar.at).toLocaleString(document.documentElement.lang, { timeZone: body.dataset.zone, dateStyle: "medium", timeStyle: "long" });
    const took = bar.took < 1000 ? `${bar.took}ms` : span(bar.took / 1000);
    link.title = [bar.state, at, took].join(" · ");
  });
  click("[data-bars]", (link, e) => {
    const bar = e.detail > 0 && !e.ctrlKey && !e.metaKey && barAt(link, e);
    if (!bar) return;
    e.preventDefault();
    location.href = `${link.dataset.at}${bar.at}`;
  });

  // ---- Keyboard
  let went = 0;
  const press = (key) => (cursor?.querySelector(`[data-key="${key}"]`) ?? all(`[data-key="${key}"]`).find((el) => !el.closest("[data-row]")))?.click();
  const search = (e) => {
    e.preventDefault();
    document.getElementById("search")?.focus();
  };
  const commands = {
    j: () => move(1),
    k: () => move(-1),
    x: () => cursor?.querySelector("[data-select]")?.click(),
    Enter: () => cursor?.querySelector("[data-open]")?.click(),
    e: () => press("e"),
    r: () => press("r"),
    p: () => press("p"),
    "/": search,
    "?": () => document.getElementById("keys")?.showModal(),
  };
  on("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key === "k") return search(e);
    if (e.key === "Escape") return closeMenus();
    if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
    if (e.target.closest("input, textarea, select, [contenteditable]") && e.target.type !== "checkbox") return;
    if (e.key === "Enter" && e.target !== body && !e.target.matches("main")) return;
    if (Date.now() - went < 1200) {
      went = 0;
      const link = { h: 0, j: 1, r: 2 }[e.key];
      if (link !== undefined) return all(".rail-list a")[link]?.click();
    }
    if (e.key === "g") went = Date.now();
    else commands[e.key]?.(e);
  });

  // ---- Forms: tidy addresses, no lost changes
  on("change", (e) => e.target.matches("[data-filters] select, [data-filters] [type=datetime-local]") && e.target.form.requestSubmit());
  on("submit", (e) => {
    if (e.target.method !== "get") return;
    const empty = all("input[name], select[name]", e.target).filter((field) => !field.value);
    empty.forEach((field) => (field.disabled = true));
    setTimeout(() => empty.forEach((field) => (field.disabled = false)));
  });
  let changed = null; // the form with changes that are not saved
  on("input", (e) => (changed = e.target.closest("form[data-guard]") ?? changed));
  on("submit", (e) => (changed = e.target === changed ? null : changed));
  addEventListener("beforeunload", (e) => changed?.isConnected && e.preventDefault());
  const setupToken = document.querySelector("input[name=token]");
  if (setupToken && location.hash.length > 1) {
    setupToken.value = decodeURIComponent(location.hash.replace(/^#(token=)?/, ""));
    document.querySelector("[data-setup-field]")?.setAttribute("hidden", "");
    history.replaceState(null, "", location.pathname + location.search);
  }

  // ---- Theme and clipboard
  click("[data-theme-set]", (el, e) => {
    e.preventDefault();
    const theme = el.dataset.themeSet;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    try {
      localStorage.setItem("carillon-theme", theme);
    } catch {
      // The server remembers it all the same.
    }
    all("[data-theme-set]").forEach((b) => b.setAttribute("aria-pressed", String(b === el)));
    fetch(el.form.action, { method: "POST", body: new URLSearchParams({ theme, back: location.pathname }), redirect: "manual" });
  });
  click("[data-copy]", async (el) => {
    await navigator.clipboard.writeText(el.parentElement.querySelector("[data-copy-text]").textContent);
    toast("ok", body.dataset.copied);
  });

  // ---- Each part of a page when it comes: at first, and whenever htmx brings another
  htmx.onLoad((root) => {
    const fresh = (selector) => [root, ...all(selector, root)].filter((el) => el.matches(selector) && !el.dataset.ready);
    fresh("[data-toast]").forEach((el) => expire(el, el.classList.contains("tone-failed") ? "failed" : "ok"));
    fresh("[data-toast]").forEach((el) => (el.dataset.ready = ""));
    changed ??= fresh("form[data-guard]").find((form) => form.querySelector("[aria-invalid]")) ?? null;
    tick();
    drawBands();
    drawSelection();
  });
})();
