/** Whether less motion is wanted: by the system, or by the link that opened the page. */
const QUERY = '(prefers-reduced-motion: reduce)';

let query: MediaQueryList | null = null;
let isAskedFor = false;

/** Takes over the link's wish; styles see it as `data-motion` on the document's element. */
export function askForReducedMotion(): void {
  isAskedFor = true;
  document.documentElement.dataset['motion'] = 'reduced';
}

export function isMotionReduced(): boolean {
  query ??= matchMedia(QUERY);
  return isAskedFor || query.matches;
}
