/** The running state as tables: the same facts as the picture, refreshed twice a second at most. */
import { useCallback, useRef, useState } from 'react';
import { LANE_IDS, type LaneId } from '../../scenarios/scenario.ts';
import { programOf } from '../controls/ceilings.ts';
import { programWords } from '../lane/programWords.ts';
import { readoutTexts, type ReadoutId } from '../lane/readoutTexts.ts';
import { useSession, useStatus, useUi } from '../state/session.ts';
import { useReadout } from '../state/useReadout.ts';
import { Dialog } from './Dialog.tsx';
import { tableRooms, type RoomTable } from './tableRooms.ts';

const REFRESH_MS = 500;

/** Re-renders its component when there is something new to show. */
function useRefresh(): void {
  const { player } = useSession();
  const [, setVersion] = useState(0);
  const lastMs = useRef(0);
  useReadout(
    useCallback(() => {
      const nowMs = performance.now();
      if (player.status.playing && nowMs - lastMs.current < REFRESH_MS) return;
      lastMs.current = nowMs;
      setVersion((version) => version + 1);
    }, [player]),
  );
}

export function TableDialog() {
  const open = useUi((ui) => ui.open);
  const { player } = useSession();
  const isPlaying = useStatus((status) => status.playing);
  useRefresh();
  return (
    <Dialog title="The running state" className="tables" onClose={() => open(null)}>
      <p>
        At {player.timeS.toFixed(1)} s of model time.{' '}
        <button
          type="button"
          className="link-button"
          onClick={() => (isPlaying ? player.pause() : player.play())}
        >
          {isPlaying ? 'pause' : 'play'}
        </button>
      </p>
      {LANE_IDS.map((lane) => (
        <LaneTables key={lane} lane={lane} />
      ))}
    </Dialog>
  );
}

function LaneTables({ lane }: { readonly lane: LaneId }) {
  const { player, scenario } = useSession();
  useRefresh();
  const program = programOf(player.status.values, lane);
  const texts = readoutTexts(player.readouts(lane), program);
  const rooms = tableRooms(player.view(lane), scenario.lanes[lane]);
  return (
    <section>
      <h3>{programWords(program).title}</h3>
      <table>
        <caption>What users felt</caption>
        <tbody>
          {(Object.keys(texts) as ReadoutId[])
            .filter((id) => texts[id].isShown)
            .map((id) => (
              <tr key={id}>
                <th scope="row">{texts[id].label}</th>
                <td>
                  {texts[id].value} {texts[id].unit}
                </td>
                <td>{texts[id].help}</td>
              </tr>
            ))}
        </tbody>
      </table>
      {rooms.map((room) => (
        <Room key={room.name} room={room} lane={lane} />
      ))}
    </section>
  );
}

function Room({ room, lane }: { readonly room: RoomTable; readonly lane: LaneId }) {
  return (
    <table>
      <caption>
        {room.name}: {room.summary}
      </caption>
      {room.rows.length > 0 && (
        <>
          <thead>
            <tr>
              {room.columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {room.rows.map((row, i) => (
              <tr key={i}>
                {row.map((cell, j) => (
                  <td key={j}>
                    {j === room.requestColumn && cell !== '' ? (
                      <FollowButton request={Number(cell)} lane={lane} />
                    ) : (
                      cell
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </>
      )}
    </table>
  );
}

/** Follows a request; the table gives way to what is told about it. */
function FollowButton({ request, lane }: { readonly request: number; readonly lane: LaneId }) {
  const { player } = useSession();
  const setPickedLane = useUi((ui) => ui.setPickedLane);
  const open = useUi((ui) => ui.open);
  return (
    <button
      type="button"
      className="link-button table-request"
      aria-label={`Follow request ${request}`}
      onClick={() => {
        setPickedLane(lane);
        player.follow(request);
        open(null);
      }}
    >
      {request}
    </button>
  );
}
