export type Poke = 'spike' | 'slow' | 'kill' | 'poison';

const LINE = { fill: 'none', stroke: 'currentColor' } as const;

/** The small drawings on the poke buttons. */
export function PokeIcon({ poke }: { readonly poke: Poke }) {
  return (
    <svg className="poke-icon" width="16" height="14" viewBox="0 0 16 14" aria-hidden="true">
      {poke === 'spike' && (
        <path d="M1 12h3l2-3 2-8 2 8 2 3h3" strokeWidth="1.5" strokeLinejoin="round" {...LINE} />
      )}
      {poke === 'slow' && (
        <path
          d="M2 11.5c0-5 9-5 9-1 0 2.6-4.4 2.6-4.4 0M11 11.5h2.6c1 0 1-2 .4-3.5M14 8l.8-2.6M13.4 8.2L12 6"
          strokeWidth="1.4"
          strokeLinecap="round"
          {...LINE}
        />
      )}
      {poke === 'kill' && (
        <>
          <rect
            x="2.5"
            y="1.5"
            width="11"
            height="11"
            rx="2"
            strokeWidth="1.3"
            strokeDasharray="3 2"
            {...LINE}
          />
          <path d="M5.5 4.5l5 5M10.5 4.5l-5 5" strokeWidth="1.6" {...LINE} />
        </>
      )}
      {poke === 'poison' && (
        <>
          <rect x="1" y="2.5" width="14" height="9" strokeWidth="1.8" {...LINE} />
          <path d="M6 5l4 4M10 5l-4 4" strokeWidth="1.5" {...LINE} />
        </>
      )}
    </svg>
  );
}
