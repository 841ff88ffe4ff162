/** The page's colours for canvas painters, which cannot use CSS variables themselves. */

export interface ChartTheme {
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly paper: string;
  readonly sheet: string;
  readonly desk: string;
  readonly rule: string;
  readonly wait1: string;
  readonly wait2: string;
  readonly wait3: string;
  readonly waitWash: string;
  readonly hand: string;
  readonly run: string;
}

const variables: Readonly<Record<keyof ChartTheme, string>> = {
  ink: '--ink',
  ink2: '--ink-2',
  ink3: '--ink-3',
  paper: '--paper',
  sheet: '--sheet',
  desk: '--desk',
  rule: '--rule',
  wait1: '--wait-1',
  wait2: '--wait-2',
  wait3: '--wait-3',
  waitWash: '--wait-wash',
  hand: '--hand',
  run: '--run',
};

const FORCED_COLORS = '(forced-colors: active)';
const DARK = '(prefers-color-scheme: dark)';

/** Reads the colours that hold at `element` now. */
export function readChartTheme(element: Element): ChartTheme {
  const isForced = matchMedia(FORCED_COLORS).matches;
  const style = getComputedStyle(element);
  const theme: Record<string, string> = {};
  for (const [key, variable] of Object.entries(variables)) {
    theme[key] = isForced
      ? resolved(element, variable)
      : style.getPropertyValue(variable).trim() || '#000';
  }
  return theme as unknown as ChartTheme;
}

/** Where the reader has chosen the colours, variables are mixtures of them, which a canvas cannot read. */
function resolved(element: Element, variable: string): string {
  const probe = document.createElement('span');
  probe.style.cssText = `color: var(${variable}); forced-color-adjust: none; display: none`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

let version = 0;

/** Changes whenever the colours may have changed. */
export function chartThemeVersion(): number {
  return version;
}

/** Calls back after each change of theme, by the page's switch or by the system. */
export function watchChartTheme(onChange: () => void): () => void {
  const notice = () => {
    version++;
    onChange();
  };
  const observer = new MutationObserver(notice);
  observer.observe(document.documentElement, { attributes: true });
  const media = [matchMedia(FORCED_COLORS), matchMedia(DARK)];
  for (const query of media) query.addEventListener('change', notice);
  return () => {
    observer.disconnect();
    for (const query of media) query.removeEventListener('change', notice);
  };
}
