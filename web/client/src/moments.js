// Times in the viewer's zone and way of writing them. Seconds since 1970.

const DAY_S = 86_400;

const formats = new Map();

function format(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(undefined, options));
  return formats.get(key);
}

const TIME = { hour: "numeric", minute: "2-digit", hourCycle: "h23" };
const DAY = { month: "short", day: "numeric" };

// The span that begins at `at`, as one reads it beside its prices: "Mar 1, 2:00 – 3:00 PM".
export function sayMoments(at, spanS) {
  if (spanS >= DAY_S) {
    return format({ weekday: "short", year: "numeric", ...DAY }).format(at * 1000);
  }
  return format({ ...DAY, ...TIME }).formatRange(at * 1000, (at + spanS) * 1000);
}

export function sayMoment(at) {
  return format({ ...DAY, ...TIME }).format(at * 1000);
}

export function sayClock(at) {
  return format({ ...TIME, second: "2-digit" }).format(at * 1000);
}

// "24 h", "7 days": as long as a person would say it.
export function sayLength(seconds) {
  if (seconds >= 2 * DAY_S) return `${Math.round(seconds / DAY_S)} days`;
  if (seconds >= 5_400) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.max(1, Math.round(seconds / 60))} min`;
}

// The labels of an axis: the day is said where it begins, and beneath the first label.
export function timeLabels(splits, step) {
  if (step >= 28 * DAY_S) {
    return months(splits);
  }
  if (step >= DAY_S) return splits.map((at) => format(DAY).format(at * 1000));
  const time = step < 60 ? { ...TIME, second: "2-digit" } : TIME;
  let said = "";
  return splits.map((at) => {
    const day = format(DAY).format(at * 1000);
    const label = format(time).format(at * 1000);
    if (day === said) return label;
    said = day;
    return `${label}\n${day}`;
  });
}

// The year is said where it begins.
function months(splits) {
  let said = "";
  return splits.map((at) => {
    const year = format({ year: "numeric" }).format(at * 1000);
    const isSaid = year === said;
    said = year;
    return format({ month: "short", ...(isSaid ? {} : { year: "numeric" }) }).format(at * 1000);
  });
}
