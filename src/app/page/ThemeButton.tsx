import { useUi } from '../state/session.ts';
import { useTheme } from '../state/theme.ts';

/** Named after what it switches to. */
export function ThemeButton() {
  const theme = useTheme();
  const setTheme = useUi((ui) => ui.setTheme);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <button type="button" onClick={() => setTheme(other)}>
      {other === 'dark' ? 'Dark' : 'Light'}
      <span className="visually-hidden"> theme</span>
    </button>
  );
}
