// Which line has which colour: one that stays keeps its own, whatever the others do.

export const MOST_LINES = 8; // more of them no eye tells apart

// Gives slots to the first of `keys` that there is room for, and takes those of others away.
export function giveSlots(slots, keys) {
  const wanted = new Set(keys);
  for (const key of slots.keys()) if (!wanted.has(key)) slots.delete(key);
  for (const key of keys) {
    if (slots.size < MOST_LINES && !slots.has(key)) slots.set(key, freeSlot(slots));
  }
}

// From the fifth on dashed, for who does not tell so many colours apart.
export const dashOf = (slot) => (slot >= 4 ? [6, 3] : undefined);

function freeSlot(slots) {
  const taken = new Set(slots.values());
  return [...Array(MOST_LINES).keys()].find((slot) => !taken.has(slot));
}
