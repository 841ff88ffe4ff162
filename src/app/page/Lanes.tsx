/** Two lanes and, between them, the users who feed both. */
import { LANE_IDS } from '../../scenarios/scenario.ts';
import { UsersStream } from '../../stage/UsersStream.tsx';
import { Lane, type LaneProps } from '../lane/Lane.tsx';
import { useSession } from '../state/session.ts';

export interface LanesProps extends Omit<LaneProps, 'lane'> {
  readonly hasUsers: boolean;
}

export function Lanes({ hasUsers, ...lane }: LanesProps) {
  const { player, frames, pointed } = useSession();
  return (
    <div className="lanes">
      {LANE_IDS.map((id) => (
        <Lane key={id} lane={id} {...lane} />
      ))}
      {hasUsers && (
        <div className="users-box">
          <UsersStream player={player} frames={frames} pointed={pointed} variant={lane.stage} />
        </div>
      )}
    </div>
  );
}
