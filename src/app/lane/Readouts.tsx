/**
 * What the users of a lane felt, large, and what it cost them. Numbers are written straight to the
 * page, at most ten times a second, so that nothing commits while time moves.
 */
import { useRef } from 'react';
import type { LaneId } from '../../scenarios/scenario.ts';
import { Glyph, type GlyphName } from '../../stage/glyphs.tsx';
import { programOf } from '../controls/ceilings.ts';
import { useSession } from '../state/session.ts';
import { setText, useReadout } from '../state/useReadout.ts';
import { readoutTexts, type ReadoutId, type ReadoutText } from './readoutTexts.ts';

/** `large`: everything. `brief`: one number, and the outcomes in a line. */
export type ReadoutSize = 'large' | 'brief';

export function Readouts({ lane, size }: { readonly lane: LaneId; readonly size: ReadoutSize }) {
  const { player } = useSession();
  const box = useRef<HTMLDivElement>(null);
  useReadout(() => {
    if (!box.current) return;
    write(box.current, readoutTexts(player.readouts(lane), programOf(player.status.values, lane)));
  });
  return (
    <div className="readouts" data-size={size} ref={box} role="group" aria-label="What users felt">
      <div className="felt">
        <Readout id="p50" />
        <Readout id="p99" />
        <Readout id="delivered" />
      </div>
      <div className="outcomes">
        <Readout id="served" />
        <Readout id="rejected" glyph="rejected" />
        <Readout id="timedOut" glyph="timedOut" />
        <Readout id="failed" glyph="failed" />
        <Readout id="declined" />
      </div>
      <div className="tally">
        <Readout id="owed" glyph="message" />
        <Readout id="lost" />
        <Readout id="deadLettered" glyph="deadLetter" />
        <Readout id="chargedButFailed" />
        <Readout id="confirmedThenDeclined" />
        <Readout id="confirmedButRefused" />
      </div>
    </div>
  );
}

function Readout({ id, glyph }: { readonly id: ReadoutId; readonly glyph?: GlyphName }) {
  return (
    <div className="readout" data-readout={id} hidden>
      {glyph && (
        <Glyph
          name={glyph}
          size={glyph === 'rejected' || glyph === 'timedOut' || glyph === 'failed' ? 13 : 16}
        />
      )}
      <span className="readout-label" data-part="label" />
      <span className="readout-number">
        <span data-part="value" />
        <small data-part="unit" />
      </span>
    </div>
  );
}

function write(box: Element, texts: Readonly<Record<ReadoutId, ReadoutText>>): void {
  for (const element of box.querySelectorAll<HTMLElement>('[data-readout]')) {
    const text = texts[element.dataset['readout'] as ReadoutId];
    if (element.hidden === text.isShown) element.hidden = !text.isShown;
    if (!text.isShown) continue;
    for (const part of ['label', 'value', 'unit'] as const) {
      setText(element.querySelector(`[data-part=${part}]`), text[part]);
    }
    if (element.dataset['tone'] !== text.tone) element.dataset['tone'] = text.tone;
    if (element.title !== text.help) element.title = text.help;
  }
}
