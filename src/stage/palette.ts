/** The theme's colours for canvas painters, read from the CSS variables once a theme change. */

export interface Palette {
  readonly paper: string;
  readonly sheet: string;
  readonly rule: string;
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly run: string;
  readonly runBase: string;
  readonly wait: readonly [string, string, string];
  /** Ground beneath the hatch of each level. */
  readonly waitGround: readonly [string, string, string];
  readonly fail: string;
  readonly dead: string;
  readonly hand: string;
}

const FORCED_COLORS = '(forced-colors: active)';

/** A canvas knows no mixtures of system colours: what the variable comes to. */
function resolved(element: Element, name: string): string {
  const probe = document.createElement('span');
  probe.style.cssText = `color: var(${name}); forced-color-adjust: none; display: none`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const isForced = matchMedia(FORCED_COLORS).matches;
  const read = (name: string): string =>
    (isForced ? resolved(element, name) : style.getPropertyValue(name).trim()) || '#000';
  return {
    paper: read('--paper'),
    sheet: read('--sheet'),
    rule: read('--rule'),
    ink: read('--ink'),
    ink2: read('--ink-2'),
    ink3: read('--ink-3'),
    run: read('--run'),
    runBase: read('--run-base'),
    wait: [read('--wait-1'), read('--wait-2'), read('--wait-3')],
    waitGround: [read('--sheet'), read('--wait-wash'), read('--sheet')],
    fail: read('--fail'),
    dead: read('--dead'),
    hand: read('--hand'),
  };
}

/** Calls back with the palette now and after every change of theme. @returns a stop function */
export function watchPalette(element: Element, onPalette: (palette: Palette) => void): () => void {
  const read = () => onPalette(readPalette(element));
  const observer = new MutationObserver(read);
  observer.observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['data-theme', 'data-look', 'class'],
  });
  const queries = ['(prefers-color-scheme: dark)', FORCED_COLORS].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener('change', read);
  read();
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener('change', read);
  };
}
