/** The glyph of the page: a request, its strand, the thread it holds. */
export function Brand() {
  return (
    <svg width="30" height="18" viewBox="0 0 30 18" aria-hidden="true" className="brand-glyph">
      <circle cx="5" cy="9" r="3.6" fill="var(--ink)" />
      <path d="M9 9H18" stroke="var(--wait-2)" strokeWidth="1.4" />
      <rect
        x="18"
        y="2.5"
        width="11"
        height="13"
        rx="2"
        fill="url(#hatch-2)"
        stroke="var(--wait-2)"
        strokeWidth="1.3"
      />
    </svg>
  );
}
