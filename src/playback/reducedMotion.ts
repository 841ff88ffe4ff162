/** Whether less motion is wanted: by the system, or by the link that opened the page. */
const QUERY = '(prefers-reduced-motion: reduce)';

/** Asked for several times a frame: the answer is kept. */
let isPreferred: boolean | null = null;
let isAskedFor = false;

/** Takes over the link's wish; styles see it as `data-motion` on the document's element. */
export function askForReducedMotion(): void {
  isAskedFor = true;
  document.documentElement.dataset['motion'] = 'reduced';
}

export function isMotionReduced(): boolean {
  isPreferred ??= watchPreference();
  return isAskedFor || isPreferred;
}

function watchPreference(): boolean {
  const query = matchMedia(QUERY);
  query.addEventListener('change', ({ matches }) => (isPreferred = matches));
  return query.matches;
}
