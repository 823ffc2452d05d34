// Live streams: open only while the page is seen, and resumed where they stopped.
(() => {
  "use strict";
  const on = (type, handler) => document.addEventListener(type, handler);
  let outage = 0;
  function offline(state) {
    clearTimeout(outage);
    const show = () => document.getElementById("live-state")?.toggleAttribute("hidden", !state);
    if (state) outage = setTimeout(show, 3000);
    else show();
  }
  class VisibleSource {
    constructor(url) {
      this.url = url;
      this.readyState = EventSource.CONNECTING;
      this.listeners = [];
      this.wait = 1000;
      this.watch = () => (document.hidden ? this.stop() : this.start());
      on("visibilitychange", this.watch);
      if (!document.hidden) this.start();
    }
    start() {
      if (this.source || this.readyState === EventSource.CLOSED) return;
      const again = this.started;
      const url = new URL(this.url, location.href);
      if (this.last) url.searchParams.set("after", this.last);
      const source = (this.source = new EventSource(url));
      this.started = true;
      this.listeners.forEach(([type, fn]) => source.addEventListener(type, fn));
      source.onopen = (e) => {
        this.readyState = EventSource.OPEN;
        this.wait = 1000;
        offline(false);
        this.onopen?.(e);
        // Something may have changed while nobody looked.
        if (again) this.listeners.forEach(([type, fn]) => type === "changed" && fn(new Event("changed")));
      };
      source.onerror = () => {
        offline(!document.hidden);
        if (source.readyState !== EventSource.CLOSED) return;
        this.stop();
        this.wait = Math.min(this.wait * 2, 30000);
        setTimeout(() => document.hidden || this.start(), this.wait);
      };
    }
    stop() {
      this.source?.close();
      this.source = null;
    }
    close() {
      this.stop();
      this.readyState = EventSource.CLOSED;
      document.removeEventListener("visibilitychange", this.watch);
    }
    addEventListener(type, fn) {
      const heard = (e) => {
        if (e.lastEventId) this.last = e.lastEventId;
        fn(e);
      };
      this.listeners.push([type, heard, fn]);
      this.source?.addEventListener(type, heard);
    }
    removeEventListener(type, fn) {
      const found = this.listeners.find(([t, , original]) => t === type && original === fn);
      if (!found) return;
      this.listeners = this.listeners.filter((l) => l !== found);
      this.source?.removeEventListener(type, found[1]);
    }
  }
  htmx.createEventSource = (url) => new VisibleSource(url);
})();
