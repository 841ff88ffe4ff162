/** Light or dark, written on the document's element, where the tokens look for it. */
import { useLayoutEffect, useSyncExternalStore } from 'react';
import { useUi } from './session.ts';

const DARK = '(prefers-color-scheme: dark)';

function onSystemTheme(listener: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** The theme in effect; `auto` follows the operating system. */
export function useTheme(): 'light' | 'dark' {
  const choice = useUi((ui) => ui.theme);
  const isSystemDark = useSyncExternalStore(onSystemTheme, () => matchMedia(DARK).matches);
  if (choice === 'auto') return isSystemDark ? 'dark' : 'light';
  return choice;
}

export function useApplyTheme(onChange: () => void): void {
  const theme = useTheme();
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    onChange();
  }, [theme, onChange]);
}
