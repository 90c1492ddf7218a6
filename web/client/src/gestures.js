// Zooming and moving by wheel, keys, and fingers; dragging with the mouse is uPlot's.

const WHEEL_STEP = 1.0015; // to the power of the pixels that the wheel was turned
const STEP = 0.2; // of what is shown, by a key

// `host` has the focus and the keys; `over` is the area of the prices.
export function listen(host, over, view, changed) {
  const act = (doing) => {
    const { min, max } = view;
    doing();
    if (view.min !== min || view.max !== max) changed();
  };
  const momentAt = (clientX) => {
    const { left, width } = over.getBoundingClientRect();
    return view.min + ((clientX - left) / width) * (view.max - view.min);
  };
  const seconds = (pixels) => (pixels / over.getBoundingClientRect().width) * (view.max - view.min);

  over.addEventListener("wheel", (event) => turn(event, { host, view, act, momentAt, seconds }), {
    passive: false,
  });
  dragWithFingers(over, { host, view, act, momentAt, seconds });
}

export function press(event, view) {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const width = view.max - view.min;
  const doing = {
    "+": () => view.zoom(1 / 1.5),
    "=": () => view.zoom(1 / 1.5),
    "-": () => view.zoom(1.5),
    "_": () => view.zoom(1.5),
    ArrowLeft: () => view.pan(-STEP * width),
    ArrowRight: () => view.pan(STEP * width),
    0: () => view.reset(),
  }[event.key];
  if (!doing) return false;
  event.preventDefault();
  doing();
  return true;
}

// Who scrolls the page past the chart is not to be caught in it: it has to have the focus, or the
// control key is held (as a pinch on a touch pad says it), or the wheel goes sideways.
function turn(event, { host, view, act, momentAt, seconds }) {
  const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
  const isMeant = event.ctrlKey || event.metaKey || document.activeElement === host;
  if (isSideways ? !view.isZoomed : !isMeant) return;
  if (!isSideways && event.deltaY > 0 && !view.isZoomed && !event.ctrlKey) return;
  event.preventDefault();
  const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
  act(() => {
    if (isSideways) view.pan(seconds(event.deltaX * pixels));
    else view.zoom(WHEEL_STEP ** (event.deltaY * pixels), momentAt(event.clientX));
  });
}

// One finger moves, two zoom; with a mouse it is shift. Up and down belong to the page (CSS).
function dragWithFingers(over, { host, view, act, momentAt, seconds }) {
  const held = new Map(); // pointer -> where it is
  over.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse") host.focus({ preventScroll: true });
    if (event.pointerType === "mouse" && !(event.shiftKey && event.button === 0)) return;
    held.set(event.pointerId, event.clientX);
    over.setPointerCapture(event.pointerId);
  });
  over.addEventListener("pointermove", (event) => {
    if (!held.has(event.pointerId)) return;
    const before = held.get(event.pointerId);
    const others = [...held].filter(([id]) => id !== event.pointerId);
    act(() => {
      if (!others.length) view.pan(seconds(before - event.clientX));
      else pinch(view, momentAt, others[0][1], before, event.clientX);
    });
    held.set(event.pointerId, event.clientX);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    over.addEventListener(name, (event) => held.delete(event.pointerId));
  }
}

// The moment under the finger that rests stays there.
function pinch(view, momentAt, rests, before, now) {
  const [was, is] = [Math.abs(before - rests), Math.abs(now - rests)];
  if (was > 1 && is > 1) view.zoom(was / is, momentAt(rests));
}
