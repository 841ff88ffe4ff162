/** The timeline's playhead: it moves with every frame, and can be dragged or moved by keys. */
import {
  useCallback,
  useEffect,
  useRef,
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
} from 'react';
import type { Player } from '../playback/player.ts';
import type { Frames } from './frames.ts';
import { timeToX, xToTime, type TimelineLayout, type TimelineVariant } from './timelineLayout.ts';
import { headOf } from './timelineModel.ts';

interface PlayheadProps {
  readonly player: Player;
  readonly frames: Frames;
  readonly layout: TimelineLayout | null;
  readonly axisEndS: number;
  readonly variant: TimelineVariant;
  readonly rootRef: RefObject<HTMLElement | null>;
  readonly playheadRef: RefObject<HTMLElement | null>;
}

/** @returns what to do when the track is pressed, and when a key is */
export function usePlayhead({
  player,
  frames,
  layout,
  axisEndS,
  variant,
  rootRef,
  playheadRef,
}: PlayheadProps) {
  const dragRef = useRef<{ timeS: number; resume: boolean } | null>(null);
  // With every frame, by a transform alone.
  const placePlayhead = useCallback(() => {
    const element = playheadRef.current;
    if (!element || !layout) return;
    const timeS = dragRef.current?.timeS ?? player.timeS;
    const exactX = timeToX(layout, axisEndS, Math.min(timeS, axisEndS));
    // Each move makes the browser put its layers together anew: while playing, by whole pixels.
    const scale = player.status.playing ? devicePixelRatio : 10;
    const x = Math.round(exactX * scale) / scale;
    const transform = `translateX(${x}px)`;
    if (element.style.transform !== transform) element.style.transform = transform;
    if (variant === 'phone') {
      const place = x < 130 ? 'start' : x > layout.width - 52 ? 'end' : 'middle';
      if (rootRef.current && rootRef.current.dataset.playhead !== place) {
        rootRef.current.dataset.playhead = place;
      }
    }
  }, [layout, axisEndS, player, variant, rootRef, playheadRef]);

  useEffect(() => {
    placePlayhead();
    return frames.onFrame(placePlayhead);
  }, [frames, placePlayhead]);

  const seek = (timeS: number) => {
    player.seek(Math.min(Math.max(timeS, 0), headOf(player)));
    frames.invalidate();
    placePlayhead();
  };

  const timeAt = (event: PointerEvent<HTMLElement>): number => {
    if (!layout || !rootRef.current) return player.timeS;
    const x = event.clientX - rootRef.current.getBoundingClientRect().left;
    return Math.min(Math.max(xToTime(layout, axisEndS, x), 0), headOf(player));
  };

  const grab = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    const pole = event.target instanceof Element ? event.target.closest('[data-time]') : null;
    const timeS = pole instanceof SVGElement ? Number(pole.dataset.time) : timeAt(event);
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
    playheadRef.current?.focus({ preventScroll: true });
    dragRef.current = { timeS, resume: player.status.playing };
    player.pause();
    seek(timeS);
  };

  const drag = (event: PointerEvent<HTMLElement>) => {
    if (!dragRef.current) return;
    dragRef.current.timeS = timeAt(event);
    // A long way back takes a while; the place where the finger ends up is what counts.
    if (player.status.seeking === null) seek(dragRef.current.timeS);
    else placePlayhead();
  };

  const release = () => {
    const last = dragRef.current;
    if (!last) return;
    dragRef.current = null;
    if (Math.abs(player.timeS - last.timeS) > 1e-6) seek(last.timeS);
    if (last.resume) player.play();
  };

  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = keyTarget(event.key, event.shiftKey, player.timeS, headOf(player));
    if (target === null) return;
    event.preventDefault();
    event.stopPropagation();
    seek(target);
  };

  return { grab, drag, release, press };
}

/** @returns where a key takes the playhead, seconds; null for keys that do not */
export function keyTarget(
  key: string,
  shift: boolean,
  timeS: number,
  headS: number,
): number | null {
  const step = shift ? 0.1 : 1;
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: timeS - step,
    ArrowDown: timeS - step,
    ArrowRight: timeS + step,
    ArrowUp: timeS + step,
    PageDown: timeS - 10,
    PageUp: timeS + 10,
    Home: 0,
    End: headS,
  };
  const target = targets[key];
  return target === undefined ? null : Math.min(Math.max(target, 0), headS);
}
