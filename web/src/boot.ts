// Runs before the first paint: the theme that was chosen, so that nothing flashes.
const theme = localStorage.getItem("theme");
const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
document.documentElement.dataset.theme = dark ? "dark" : "light";
