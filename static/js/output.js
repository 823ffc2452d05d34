// A run's output, line by line: numbers to link to, search, and the way to the first error.
// Without it the output is plain text.
(() => {
  "use strict";
  const MOST = 20000; // lines kept of a live output
  const TROUBLE = /\b(error|fatal|panic|exception|traceback|failed|failure|denied|refused|cannot|not found|no such)\b/i;
  const remember = (name, value) => {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch {
      // Storage may be off; then nothing is remembered.
    }
    return null;
  };

  function prepare(pane) {
    pane.dataset.ready = "";
    const term = pane.querySelector("[data-term]");
    const find = (name) => pane.querySelector(`[data-${name}]`);
    const on = (el, type, handler, options) => el?.addEventListener(type, handler, options);

    // ---- Wrapping and following
    const pressed = (button) => button?.getAttribute("aria-pressed") === "true";
    const press = (button, state) => button?.setAttribute("aria-pressed", String(state));
    const wrap = (state) => {
      press(find("wrap"), state);
      term?.classList.toggle("nowrap", !state);
    };
    wrap(remember("carillon-wrap") !== "off");
    on(find("wrap"), "click", () => {
      wrap(!pressed(find("wrap")));
      remember("carillon-wrap", pressed(find("wrap")) ? "on" : "off");
    });
    if (!term) return;
    const toEnd = () => pressed(find("follow")) && (term.scrollTop = term.scrollHeight);
    on(find("follow"), "click", () => (press(find("follow"), !pressed(find("follow"))), toEnd()));
    on(term, "wheel", (e) => e.deltaY < 0 && press(find("follow"), false), { passive: true });

    // ---- Lines. A part of the output may begin and end within a line, and holds markup
    // that never reaches over the end of one.
    let first = +term.dataset.firstLine || 1;
    let open = null; // the line that has not ended
    const lines = () => term.getElementsByClassName("line");
    function cut(part) {
      if (part.matches(".hole")) return (open = null);
      const wrapped = (html) => (html === "" ? "" : part.matches(".stderr") ? `<span class="stderr">${html}</span>` : html);
      const pieces = part.innerHTML.split("\n").map(wrapped);
      const unfinished = pieces.pop();
      let html = "";
      if (open && pieces.length > 0) {
        open.insertAdjacentHTML("beforeend", pieces.shift());
        open = null;
      }
      for (const piece of pieces) html += `<div class="line">${piece}</div>`;
      if (unfinished !== "" && open) open.insertAdjacentHTML("beforeend", unfinished);
      else if (unfinished !== "") html += `<div class="line">${unfinished}</div>`;
      part.insertAdjacentHTML("beforebegin", html);
      if (unfinished !== "") open ??= part.previousElementSibling;
      part.remove();
    }
    function number() {
      for (let over = lines().length - MOST; over > 0; over--, first++) lines()[0].remove();
      term.style.setProperty("--first-line", first - 1);
      term.style.setProperty("--digits", String(first + lines().length).length + "ch");
    }
    const take = () => {
      [...term.querySelectorAll(":scope > span")].forEach(cut);
      number();
    };
    take();
    term.classList.add("numbered");

    // ---- Links to a line: #L12
    function show(line, smooth) {
      press(find("follow"), false);
      line.scrollIntoView({ block: "center", behavior: smooth ? "smooth" : "auto" });
    }
    function followLink() {
      if (!pane.isConnected) return removeEventListener("hashchange", followLink);
      term.querySelector(".line.linked")?.classList.remove("linked");
      const n = /^#L(\d+)$/.exec(location.hash)?.[1];
      const line = n && lines()[n - first];
      if (!line) return;
      line.classList.add("linked");
      show(line);
    }
    on(window, "hashchange", followLink);
    on(term, "click", (e) => {
      const gutter = parseFloat(getComputedStyle(term).getPropertyValue("padding-left"));
      if (!e.target.matches(".line") || e.clientX > term.getBoundingClientRect().left + gutter) return;
      const n = first + [...lines()].indexOf(e.target);
      history.replaceState(null, "", `#L${n}`);
      followLink();
    });

    // ---- Search
    const field = find("find");
    const count = find("found");
    let hits = []; // ranges
    let at = -1;
    const paint = (name, ranges) => {
      if (globalThis.CSS?.highlights) CSS.highlights.set(name, new Highlight(...ranges));
    };
    function ranges(line, text) {
      const found = [];
      const all = line.textContent.toLowerCase();
      for (let i = all.indexOf(text); i >= 0; i = all.indexOf(text, i + text.length)) {
        const range = document.createRange();
        const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        let passed = 0;
        for (let node = walk.nextNode(); node; passed += node.length, node = walk.nextNode()) {
          if (i >= passed && i < passed + node.length) range.setStart(node, i - passed);
          if (i + text.length <= passed + node.length) {
            range.setEnd(node, i + text.length - passed);
            break;
          }
        }
        found.push(range);
      }
      return found;
    }
    function draw() {
      term.querySelector(".line.found")?.classList.remove("found");
      hits[at]?.startContainer.parentElement.closest(".line")?.classList.add("found");
      paint("found", hits.slice(0, 5000));
      paint("found-at", hits[at] ? [hits[at]] : []);
      count.textContent = field.value === "" ? "" : count.dataset.found.replace("{n}", at + 1).replace("{all}", hits.length);
      all("[data-step]").forEach((button) => (button.disabled = hits.length === 0));
    }
    const all = (selector) => [...pane.querySelectorAll(selector)];
    function search(keep) {
      const text = field.value.toLowerCase();
      hits = text === "" ? [] : [...lines()].flatMap((line) => ranges(line, text));
      at = hits.length === 0 ? -1 : keep ? Math.min(Math.max(at, 0), hits.length - 1) : 0;
      draw();
      if (!keep && hits[at]) show(hits[at].startContainer.parentElement.closest(".line"));
    }
    function step(by) {
      if (hits.length === 0) return;
      at = (at + by + hits.length) % hits.length;
      draw();
      show(hits[at].startContainer.parentElement.closest(".line"));
    }
    let typing = 0;
    on(field, "input", () => {
      clearTimeout(typing);
      typing = setTimeout(search, 120);
    });
    on(field, "keydown", (e) => {
      if (e.key === "Enter") step(e.shiftKey ? -1 : 1);
      else if (e.key === "Escape") (field.value = ""), search();
      else return;
      e.preventDefault();
      e.stopPropagation();
    });
    all("[data-step]").forEach((button) => on(button, "click", () => step(+button.dataset.step)));
    draw();

    // ---- The first error: the line that the run's own message quotes, else one that sounds
    // like trouble, else the first on standard error.
    function firstError() {
      const list = [...lines()];
      const said = document.querySelector("#run-live .error-line")?.textContent.trim();
      return (
        (said && list.find((line) => line.textContent.includes(said))) ||
        list.find((line) => TROUBLE.test(line.textContent)) ||
        list.find((line) => line.querySelector(".stderr"))
      );
    }
    const jump = find("first-error");
    const offer = () => jump && (jump.hidden = !document.querySelector("#run-live[data-bad]") || !firstError());
    on(jump, "click", () => {
      const line = firstError();
      if (!line) return;
      history.replaceState(null, "", `#L${first + [...lines()].indexOf(line)}`);
      followLink();
    });

    // ---- Live output
    on(term, "htmx:sseMessage", () => {
      take();
      if (field.value !== "") search(true);
      toEnd();
    });
    const settled = () => (pane.isConnected ? offer() : document.removeEventListener("htmx:afterSettle", settled));
    on(document, "htmx:afterSettle", settled);
    offer();
    toEnd();
    followLink();
  }
  document.querySelectorAll("[data-output]:not([data-ready])").forEach(prepare);
})();
