// Light, dark and high contrast: what the system says, unless the reader chose. The choice stays in this browser.

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'sallyport.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const contrast = window.matchMedia('(prefers-contrast: more)');

export function chosenTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

function apply(): void {
  const chosen = chosenTheme();
  const root = document.documentElement;
  root.dataset.theme = chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen;
  root.dataset.contrast = contrast.matches ? 'more' : 'normal';
}

export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  apply();
}

export function startTheme(): void {
  apply();
  dark.addEventListener('change', apply);
  contrast.addEventListener('change', apply);
}
