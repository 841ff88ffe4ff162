/**
 * What the users of a lane felt, large, and what it cost them. Numbers are written straight to the
 * page, at most ten times a second, so that nothing commits while time moves.
 */
import { useLayoutEffect, useRef } from 'react';
import type { LaneId } from '../../scenarios/scenario.ts';
import { Glyph, type GlyphName } from '../../stage/glyphs.tsx';
import { programOf } from '../controls/ceilings.ts';
import { useSession } from '../state/session.ts';
import { setText, useReadout } from '../state/useReadout.ts';
import { readoutTexts, type ReadoutId, type ReadoutText } from './readoutTexts.ts';

/**
 * `large`: everything. `brief`: the same in a narrow column. `headline`: the median alone;
 * `rest`: all others in a line or two.
 */
export type ReadoutSize = 'large' | 'brief' | 'headline' | 'rest';

export function Readouts({ lane, size }: { readonly lane: LaneId; readonly size: ReadoutSize }) {
  const { player } = useSession();
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<readonly Shown[]>(null);
  // Other sizes have other readouts.
  useLayoutEffect(() => {
    shown.current = box.current && findShown(box.current);
  }, [size]);
  useReadout(() => {
    const texts = readoutTexts(player.readouts(lane), programOf(player.status.values, lane));
    return () => {
      if (box.current && shown.current) {
        write(box.current, shown.current, texts, size !== 'large');
      }
    };
  });
  return (
    <div className="readouts" data-size={size} ref={box} role="group" aria-label="What users felt">
      <div className="felt">
        {size !== 'rest' && <Readout id="p50" />}
        {size !== 'headline' && (
          <>
            <Readout id="p99" />
            <Readout id="delivered" />
          </>
        )}
      </div>
      {size !== 'headline' && <Costs />}
    </div>
  );
}

/** Who was not served, and what is still owed. */
function Costs() {
  return (
    <>
      <div className="outcomes">
        <Readout id="served" />
        <Readout id="rejected" glyph="rejected" />
        <Readout id="timedOut" glyph="timedOut" />
        <Readout id="failed" glyph="failed" />
      </div>
      <div className="tally">
        <Readout id="declined" />
        <Readout id="owed" glyph="message" />
        <Readout id="lost" />
        <Readout id="deadLettered" glyph="deadLetter" />
        <Readout id="chargedButFailed" />
        <Readout id="confirmedThenDeclined" />
        <Readout id="confirmedButRefused" />
      </div>
    </>
  );
}

/** Envelopes are drawn wider, to be as high as the others. */
const WIDE_GLYPHS: ReadonlySet<GlyphName> = new Set<GlyphName>(['message', 'deadLetter']);

function Readout({ id, glyph }: { readonly id: ReadoutId; readonly glyph?: GlyphName }) {
  return (
    <div className="readout" data-readout={id} hidden>
      {glyph && <Glyph name={glyph} size={WIDE_GLYPHS.has(glyph) ? 16 : 13} />}
      <span className="readout-label" data-part="label" />
      <span className="readout-number">
        <span data-part="value" />
        <small data-part="unit" />
      </span>
    </div>
  );
}

/** More counts than this do not fit into two lines with all their names. */
const MOST_NAMED = 6;

/** A readout on the page and its parts, which stay as long as it does. */
interface Shown {
  readonly id: ReadoutId;
  readonly element: HTMLElement;
  readonly label: Element | null;
  readonly value: Element | null;
  readonly unit: Element | null;
}

function findShown(box: Element): readonly Shown[] {
  const elements = box.querySelectorAll<HTMLElement>('[data-readout]');
  return [...elements].map((element) => ({
    id: element.dataset['readout'] as ReadoutId,
    element,
    label: element.querySelector('[data-part=label]'),
    value: element.querySelector('[data-part=value]'),
    unit: element.querySelector('[data-part=unit]'),
  }));
}

function write(
  box: HTMLElement,
  shown: readonly Shown[],
  texts: Readonly<Record<ReadoutId, ReadoutText>>,
  isShort: boolean,
): void {
  const counts = Object.values(texts).filter((text) => text.isShown && text.tone !== 'quiet');
  const isCrowded = isShort && counts.length > MOST_NAMED;
  if (box.dataset['crowded'] !== String(isCrowded)) box.dataset['crowded'] = String(isCrowded);
  for (const { id, element, label, value, unit } of shown) {
    const text = texts[id];
    if (element.hidden === text.isShown) element.hidden = !text.isShown;
    if (!text.isShown) continue;
    const short = (isCrowded ? text.crowdedLabel : undefined) ?? text.shortLabel ?? text.label;
    setText(label, isShort ? short : text.label);
    setText(value, text.value);
    setText(unit, text.unit);
    if (element.dataset['tone'] !== text.tone) element.dataset['tone'] = text.tone;
    if (element.title !== text.help) element.title = text.help;
  }
}
