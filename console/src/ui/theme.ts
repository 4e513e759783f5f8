// How the console looks to this reader: theme, contrast and density. What the system says, unless the reader chose; the choice stays in
// this browser.

export type Theme = 'system' | 'light' | 'dark';
export type Contrast = 'system' | 'more';
export type Density = 'comfortable' | 'compact';

export interface Look {
  readonly theme: Theme;
  readonly contrast: Contrast;
  readonly density: Density;
}

const KEYS: Readonly<Record<keyof Look, string>> = {
  theme: 'sallyport.theme',
  contrast: 'sallyport.contrast',
  density: 'sallyport.density',
};
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const contrast = window.matchMedia('(prefers-contrast: more)');

export function chosenLook(): Look {
  const stored = (part: keyof Look): string | null => localStorage.getItem(KEYS[part]);
  const theme = stored('theme');
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    contrast: stored('contrast') === 'more' ? 'more' : 'system',
    density: stored('density') === 'compact' ? 'compact' : 'comfortable',
  };
}

function apply(): void {
  const look = chosenLook();
  const root = document.documentElement;
  root.dataset.theme = look.theme === 'system' ? (dark.matches ? 'dark' : 'light') : look.theme;
  root.dataset.contrast = look.contrast === 'more' || contrast.matches ? 'more' : 'normal';
  root.dataset.density = look.density;
}

export function choose(change: Partial<Look>): void {
  for (const [part, value] of Object.entries(change) as [keyof Look, string][]) {
    if (value === 'system' || value === 'comfortable') localStorage.removeItem(KEYS[part]);
    else localStorage.setItem(KEYS[part], value);
  }
  apply();
}

export function startTheme(): void {
  apply();
  dark.addEventListener('change', apply);
  contrast.addEventListener('change', apply);
}
