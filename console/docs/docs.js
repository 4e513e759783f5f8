// The theme that the reader chose in the console, before the page is drawn; and the list of pages, open where there is room for it.
(() => {
  const root = document.documentElement;
  const has = (query) => window.matchMedia(query).matches;
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const theme = stored('sallyport.theme');
  root.dataset.theme = theme === 'light' || theme === 'dark' ? theme : has('(prefers-color-scheme: dark)') ? 'dark' : 'light';
  const contrast = stored('sallyport.contrast');
  root.dataset.contrast = contrast === 'more' || (contrast !== 'normal' && has('(prefers-contrast: more)')) ? 'more' : 'normal';
  document.addEventListener('DOMContentLoaded', () => {
    const menu = document.querySelector('details.menu');
    if (menu !== null && has('(min-width: 60rem)')) menu.open = true;
    document.querySelector('[aria-current="page"]')?.scrollIntoView({ block: 'nearest' });
  });
})();
