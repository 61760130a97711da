/** Light, dark, or as the system says. Printing is always light. */
import { element } from './dom.js';

export function chooseTheme(onChange: () => void): HTMLElement {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const button = element('button', { type: 'button', id: 'theme' });
  let chosen: 'light' | 'dark' | undefined;
  const apply = () => {
    const theme = chosen ?? (system.matches ? 'dark' : 'light');
    document.documentElement.dataset['theme'] = theme;
    button.textContent = theme === 'dark' ? 'light' : 'dark';
    button.setAttribute('aria-label', `use ${button.textContent} colours`);
    onChange();
  };
  button.addEventListener('click', () => {
    chosen = document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark';
    apply();
  });
  system.addEventListener('change', apply);
  addEventListener('beforeprint', () => {
    document.documentElement.dataset['theme'] = 'light';
    onChange();
  });
  addEventListener('afterprint', apply);
  apply();
  return button;
}
