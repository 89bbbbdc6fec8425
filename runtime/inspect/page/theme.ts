import { part } from './dom.ts';

const THEME = 'punch-theme';

/** Light or dark as the system has it, until somebody chooses. */
export function openTheme(button: HTMLButtonElement): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  let chosen = localStorage.getItem(THEME);
  const apply = () => {
    const theme = chosen ?? (system.matches ? 'dark' : 'light');
    document.documentElement.dataset.theme = theme;
    for (const other of ['light', 'dark']) {
      part(`drawing-${other}`, HTMLLinkElement).disabled = other !== theme;
    }
    button.textContent = theme === 'dark' ? 'Light' : 'Dark';
    button.setAttribute('aria-label', `Switch to ${theme === 'dark' ? 'light' : 'dark'} colours`);
  };
  const toggle = () => {
    chosen = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    localStorage.setItem(THEME, chosen);
    apply();
  };
  system.addEventListener('change', apply);
  button.addEventListener('click', toggle);
  apply();
  return toggle;
}
