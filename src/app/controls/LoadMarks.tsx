/** The computed marks above the load slider: where lanes fill and debts grow. */
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { NumberParameter } from '../../scenarios/scenario.ts';
import { useStatus } from '../state/session.ts';
import { loadMarks, placeLabels } from './loadMarks.ts';
import { positionOf } from './sliderScale.ts';

/** Height of the strip between labels and rail that the leaders cross, px. */
const LEADER_PX = 4;

let measuring: CanvasRenderingContext2D | null | undefined;

function measureIn(font: string) {
  measuring ??= document.createElement('canvas').getContext('2d');
  return (text: string) => {
    if (!measuring) return text.length * 6.4;
    measuring.font = font;
    return Math.ceil(measuring.measureText(text).width) + 1;
  };
}

export function LoadMarks({ parameter }: { readonly parameter: NumberParameter }) {
  const values = useStatus((status) => status.values);
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, rail: 0, font: '' });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      const style = getComputedStyle(element);
      setSize({
        width: element.clientWidth,
        rail: element.parentElement?.clientWidth ?? element.clientWidth,
        font: `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`,
      });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    void document.fonts?.ready.then(measure);
    return () => observer.disconnect();
  }, []);

  const marks = useMemo(() => loadMarks(values, parameter), [values, parameter]);
  const anchors = marks.map((mark) => positionOf(parameter, mark.perS) * size.rail);
  const labels =
    size.width === 0
      ? []
      : placeLabels(
          anchors,
          marks.map((mark) => mark.labels),
          size.width,
          measureIn(size.font),
        );

  return (
    <div className="marks" ref={box} aria-hidden="true">
      {labels.map((label, i) => (
        <span key={marks[i]?.key} style={{ left: label.x }} title={marks[i]?.help}>
          {label.text}
        </span>
      ))}
      <svg className="marks-lines">
        {marks.map((mark, i) => {
          if (mark.isBeyond) return null;
          const x = anchors[i] ?? 0;
          const label = labels[i];
          // The leader starts under the label, as near to the mark as the label reaches.
          const from = label ? Math.min(label.x + label.width - 4, Math.max(label.x + 4, x)) : x;
          return (
            <g key={mark.key}>
              <path className="marks-leader" d={`M${from} 0L${x} ${LEADER_PX}`} />
              <path d={`M${x} ${LEADER_PX}v15`} />
            </g>
          );
        })}
      </svg>
    </div>
  );
}
