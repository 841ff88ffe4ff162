/** Rings around a request wherever it is: followed, pointed at, or where a step stopped. */
import type { VesselGeometry } from '../scene/geometry.ts';
import type { Place } from '../scene/requestPlaces.ts';
import { messagesPerMark } from '../scene/vesselLayout.ts';
import type { BrokerView, LaneView } from '../sim/view.ts';
import type { PixelScale } from './pixelScale.ts';
import { markCorner, type QueueSprite } from './queueGlyph.ts';
import { ringX } from './shelfGlyph.ts';

/** What outlines are painted on, in stage units. */
export interface OutlineCanvas extends PixelScale {
  readonly context: CanvasRenderingContext2D;
  readonly queueSprites: readonly QueueSprite[];
}

export function paintOutlines(
  canvas: OutlineCanvas,
  places: readonly Place[],
  view: LaneView,
  colour: string,
  width: number,
): void {
  const { context } = canvas;
  for (const place of places) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    switch (place.kind) {
      case 'cell': {
        const { room, mark } = place;
        const reach = 1.8;
        const size = room.cellSize + 2 * reach;
        context.beginPath();
        context.roundRect(room.cellX[mark] - reach, room.cellY[mark] - reach, size, size, 3.5);
        context.stroke();
        break;
      }
      case 'slot': {
        const { slotX, slotY, slotRadius } = place.corridor;
        const { slot } = place;
        paintRing(context, slotX[slot], slotY[slot], slotRadius + 1.4, colour, width);
        break;
      }
      case 'ring': {
        const { shelf } = place;
        const x = ringX(shelf, place.ring);
        paintRing(context, x, shelf.ringY, shelf.ringRadius + 1.5, colour, width);
        break;
      }
      case 'message':
        outlineMessage(canvas, place.vessel, place.position, view, colour, width);
        break;
    }
  }
}

/** A mark of its own in the reader's colour, and a ring that can be found among a thousand. */
function outlineMessage(
  { context, queueSprites, scale, offsetX, offsetY }: OutlineCanvas,
  vessel: VesselGeometry,
  position: number,
  view: LaneView,
  colour: string,
  width: number,
): void {
  const sprite = queueSprites.find((one) => one.vessel === vessel);
  const { ready } = view.nodes[vessel.node] as BrokerView;
  const corner = sprite && markCorner(sprite, position, ready);
  if (!sprite || !corner) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = colour;
  const spread = messagesPerMark(ready) > 1 ? 0 : scale * 0.6;
  context.fillRect(
    corner.x - spread,
    corner.y - spread,
    sprite.pitchX * 0.8 + 2 * spread,
    sprite.pitchY * 0.7 + 2 * spread,
  );
  context.setTransform(scale, 0, 0, scale, offsetX, offsetY);
  paintRing(
    context,
    (corner.x + sprite.pitchX / 2 - offsetX) / scale,
    (corner.y + sprite.pitchY / 2 - offsetY) / scale,
    Math.max(6, vessel.pitchX * 0.8),
    colour,
    width,
  );
}

export function paintRing(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
  width: number,
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}
