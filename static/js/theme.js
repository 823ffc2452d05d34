// Runs before the page is drawn, so that nothing flashes: notes that scripts run, and
// applies the theme chosen in this browser while nobody is signed in.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("carillon-theme");
    if (!root.dataset.theme && (theme === "light" || theme === "dark")) root.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the system's theme is used then.
  }
})();
