/**
 * Hatches and glyphs, defined once a page and used everywhere by id: `url(#hatch-2)`,
 * `<use href="#g-rejected">`. Colours are CSS variables, so a theme needs no second set.
 */
import { HATCH, HATCH_PITCH } from './hatch.ts';
import './stage.css';

/** Mount once, before anything that uses the ids. */
export function SvgDefs() {
  return (
    <svg className="svg-defs" width="0" height="0" aria-hidden="true" focusable="false">
      <defs>
        {([1, 2, 3] as const).map((level) => (
          <Hatch key={level} level={level} />
        ))}
        <pattern
          id="hatch-chart"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <rect width="6" height="6" className="hatch-ground-2" />
          <path d="M1 0V6" className="hatch-line-chart" />
        </pattern>
        <pattern id="dots" width="4" height="4" patternUnits="userSpaceOnUse">
          <circle cx="1" cy="1" r=".8" className="dots-dot" />
        </pattern>
        <symbol id="g-idle" viewBox="0 0 14 14">
          <rect x="1" y="1" width="12" height="12" rx="1.6" className="glyph-idle" />
        </symbol>
        <symbol id="g-running" viewBox="0 0 14 14">
          <rect x="1" y="1" width="12" height="12" rx="1.6" className="glyph-run-base" />
          <rect x="1" y="1" width="8" height="12" rx="1.6" className="glyph-ink" />
        </symbol>
        {([1, 2, 3] as const).map((level) => (
          <symbol key={level} id={`g-parked-${level}`} viewBox="0 0 14 14">
            <rect
              x="1"
              y="1"
              width="12"
              height="12"
              rx="1.6"
              className={`glyph-parked-${level}`}
              fill={`url(#hatch-${level})`}
            />
          </symbol>
        ))}
        <symbol id="g-request" viewBox="0 0 14 14">
          <circle cx="7" cy="7" r="5" className="glyph-ink" />
        </symbol>
        <symbol id="g-queued" viewBox="0 0 14 14">
          <circle cx="7" cy="7" r="5" className="glyph-queued" />
          <path d="M7 7V2.6A4.4 4.4 0 0 1 11.4 7Z" className="glyph-pie" />
        </symbol>
        <symbol id="g-message" viewBox="0 0 18 12">
          <rect x=".8" y=".8" width="16.4" height="10.4" rx="1" className="glyph-letter" />
          <path d="M1.2 1.4L9 7.2l7.8-5.8" className="glyph-letter-flap" />
        </symbol>
        <symbol id="g-handled" viewBox="0 0 18 12">
          <rect x=".8" y=".8" width="16.4" height="10.4" rx="1" className="glyph-ink" />
          <path d="M5.4 6.2l2.6 2.5 4.8-5" className="glyph-tick" />
        </symbol>
        <symbol id="g-answered" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="6.6" className="glyph-ink" />
          <path d="M4.9 8.3l2.2 2.2 4.1-4.6" className="glyph-tick" />
        </symbol>
        <symbol id="g-declined" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="6" className="glyph-declined" />
          <path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" className="glyph-declined-cross" />
        </symbol>
        <symbol id="g-rejected" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="6" className="glyph-fail-outline" />
          <path d="M4.4 8h7.2" className="glyph-fail-bar" />
        </symbol>
        <symbol id="g-timedOut" viewBox="0 0 16 16">
          <path d="M3.2 1.8h9.6L8 8l4.8 6.2H3.2L8 8z" className="glyph-fail-outline" />
          <path d="M4.8 14.2L8 10.1l3.2 4.1z M6.2 4.6h3.6L8 7z" className="glyph-fail-fill" />
        </symbol>
        <symbol id="g-failed" viewBox="0 0 16 16">
          <path d="M3 3l10 10M13 3L3 13" className="glyph-fail-cross" />
        </symbol>
        <symbol id="g-deadLetter" viewBox="0 0 18 12">
          <rect x="1.3" y="1.3" width="15.4" height="9.4" className="glyph-dead" />
          <path d="M6.6 3.6l4.8 4.8M11.4 3.6L6.6 8.4" className="glyph-dead-cross" />
        </symbol>
        <symbol id="g-backingOff" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="6" className="glyph-ring" />
          <path d="M8 2A6 6 0 1 1 2.6 5.4" className="glyph-ring-arc" />
        </symbol>
        <symbol id="g-down" viewBox="0 0 14 14">
          <rect x="1" y="1" width="12" height="12" rx="1.6" className="glyph-down" />
          <path d="M4.4 4.4l5.2 5.2M9.6 4.4l-5.2 5.2" className="glyph-down-cross" />
        </symbol>
      </defs>
    </svg>
  );
}

function Hatch({ level }: { level: 1 | 2 | 3 }) {
  return (
    <pattern
      id={`hatch-${level}`}
      width={HATCH_PITCH}
      height={HATCH_PITCH}
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(45)"
    >
      <rect width={HATCH_PITCH} height={HATCH_PITCH} className={`hatch-ground-${level}`} />
      <path
        d={`M${HATCH_PITCH / 2} 0V${HATCH_PITCH}`}
        className={`hatch-line-${level}`}
        strokeWidth={HATCH[level - 1].line}
      />
    </pattern>
  );
}
