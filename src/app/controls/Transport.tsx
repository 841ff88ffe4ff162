/** Play, step, speed, reset, and the clock. */
import { useRef } from 'react';
import { SPEEDS, type Speed } from '../../playback/player.ts';
import { laneNames } from '../lane/programWords.ts';
import { useSession, useStatus } from '../state/session.ts';
import { setText, useReadout } from '../state/useReadout.ts';

const SPEED_LABELS: Readonly<Record<Speed, string>> = {
  0.1: '1/10',
  0.25: '¼',
  1: '1×',
  3: '3',
  10: '10',
};

export function PlayButton() {
  const { player } = useSession();
  const isPlaying = useStatus((status) => status.playing);
  return (
    <button
      type="button"
      className="play"
      aria-label={isPlaying ? 'Pause' : 'Play'}
      aria-keyshortcuts="Space"
      onClick={() => (isPlaying ? player.pause() : player.play())}
    >
      <svg width="14" height="16" viewBox="0 0 14 16" aria-hidden="true">
        <path d={isPlaying ? 'M1 0h4v16H1zM9 0h4v16H9z' : 'M2 0l12 8-12 8z'} />
      </svg>
    </button>
  );
}

export function ResetButton() {
  const { player } = useSession();
  return (
    <button
      type="button"
      className="button"
      aria-keyshortcuts="Alt+R"
      title="Back to the state and the moment the link opened with; the seed stays (Alt+R)"
      onClick={() => player.reset()}
    >
      Reset
    </button>
  );
}

export function StepButton() {
  const { player } = useSession();
  return (
    <button
      type="button"
      className="button"
      aria-keyshortcuts="."
      title="To the next event; with Shift, to the next one of the followed request"
      onClick={(event) => player.step(event.shiftKey)}
    >
      step
    </button>
  );
}

export function SpeedChoice() {
  const { player } = useSession();
  const speed = useStatus((status) => status.speed);
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">Speed</legend>
      {SPEEDS.map((one) => (
        <label key={one}>
          <input
            type="radio"
            name="speed"
            value={one}
            checked={one === speed}
            onChange={() => player.setSpeed(one)}
          />
          <span aria-hidden="true">{SPEED_LABELS[one]}</span>
          <span className="visually-hidden">{one} times</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Model time and seed; while paused, what the latest step stopped at. */
export function Clock() {
  const { player } = useSession();
  const time = useRef<HTMLElement>(null);
  const seed = useStatus((status) => status.seed);
  const seeking = useStatus((status) => status.seeking);
  const reached = useStatus((status) => status.laggingSpeed);
  const step = useStatus((status) => (status.playing ? null : status.lastStep));
  const values = useStatus((status) => status.values);
  const names = laneNames(values);
  useReadout(() => {
    const text = `${player.timeS.toFixed(1)} s`;
    return () => setText(time.current, text);
  }, 'first');
  return (
    <div className="clock">
      <div>
        <b ref={time} /> · seed {seed}
        {reached !== null && ` · only ${reached.toFixed(1)}× reached`}
        {seeking !== null && ` · going there, ${Math.round(seeking * 100)} %`}
      </div>
      <div className="clock-step" role="status">
        {step && (step.node < 0 ? step.text : `${names[step.lane]}: ${step.text}`)}
      </div>
    </div>
  );
}
