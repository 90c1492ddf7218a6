// Where the price axis has its ticks.

const STEPS = [1, 2, 2.5, 5, 10];

function niceStep(rough) {
  const size = 10 ** Math.floor(Math.log10(rough));
  return size * STEPS.find((each) => each * size >= rough * (1 - 1e-9));
}

function evenly(min, max, most) {
  const step = niceStep((max - min) / most);
  const first = Math.ceil(min / step - 1e-9);
  const count = Math.floor(max / step + 1e-9) - first + 1;
  return { step, at: [...Array(Math.max(0, count)).keys()].map((i) => (first + i) * step) };
}

const OF_A_DECADE = [[1, 2, 3, 5], [1, 2, 5], [1, 3], [1]];

function inDecades(min, max, kind) {
  const at = [];
  for (let size = Math.floor(Math.log10(min)); 10 ** size <= max; size += 1) {
    at.push(...kind.map((each) => each * 10 ** size));
  }
  return at.filter((each) => each >= min && each <= max);
}

// `{ at, step }`: at most so many, `step` the least distance between two of them.
export function priceTicks(min, max, most, isLog) {
  if (!isLog || max / min < 4) return evenly(min, max, most); // a part of a decade is nearly even
  const choices = OF_A_DECADE.map((kind) => inDecades(min, max, kind));
  const at = choices.find((each) => each.length <= most) ?? choices.at(-1);
  return { at, step: at[0] ?? min };
}

// The prices with some air above and below, and with a share of the height kept free at the ground.
// A single price gets a tenth to either side.
export function priceRange(values, isLog, ground = 0) {
  if (!values.length) return isLog ? [1, 10] : [0, 1];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (isLog) {
    const [from, to] = withAir(Math.log(low), Math.log(high), Math.log(1.1), ground);
    return [Math.exp(from), Math.exp(to)];
  }
  const [from, to] = withAir(low, high, Math.abs(high) * 0.1 || 1, ground);
  return [low < 0 ? from : Math.max(0, from), to];
}

function withAir(low, high, least, ground) {
  const air = (high - low) * 0.08 || least;
  const height = (high - low + 2 * air) / (1 - ground);
  return [high + air - height, high + air];
}
